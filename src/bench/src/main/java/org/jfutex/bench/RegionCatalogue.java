// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.FirstLock;

/** The benchmarks of getting a lock, rather than of having one. */
final class RegionCatalogue implements Theme {
  private static final List<Integer> NAMES = List.of(10, 100, 1_000, 10_000, 100_000);

  private final Cpus cpus;
  private final String anyBackend;

  RegionCatalogue(Means means) {
    cpus = means.cpus();
    anyBackend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.addOfEachBackend(RegionCatalogue::starts);
    catalogue.add(NAMES.stream().map(this::find), Need.BACKEND);
    catalogue.add(NAMES.stream().map(this::addition), Need.BACKEND);
  }

  /** Of a JVM that has none yet; beside one that takes a lock of its own, which is what any start takes. */
  private static Stream<Benchmark> starts(String backend) {
    return Stream.of(
        start(backend, "FileChannel.lock", FirstLock.FILE),
        start(backend, "ReentrantLock", FirstLock.REENTRANT));
  }

  private static Benchmark start(String backend, String peer, String lock) {
    return new Start(
        "start-first-lock", backend, first(backend, FirstLock.REGION), peer, first(backend, lock));
  }

  private static Start.Command first(String backend, String lock) {
    ChildJvm jvm = new ChildJvm(backend);
    return file -> jvm.commandOf(FirstLock.class, lock, file.path().toString());
  }

  /** One of many that have a name. */
  private Benchmark find(int names) {
    return besideFiles("region-find", "names", "FileChannel.open", names);
  }

  /** One more than many; to begin again with so many takes long, so it had better be seldom. */
  private Benchmark addition(int names) {
    return new LongSlices(besideFiles("region-add", "add", "Files.createFile", names));
  }

  private Benchmark besideFiles(String curve, String task, String peer, int names) {
    return new Duel(
            curve + "-" + names,
            anyBackend,
            file -> named("region-" + task, file.path() + ".region", names),
            peer,
            file -> named("file-" + task, file.path() + ".files", names))
        .at(curve, "slots", names);
  }

  private Child named(String task, String where, int names) throws IOException {
    return cpus.alone(new ChildJvm(anyBackend), task, where, Integer.toString(names));
  }
}
