// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import org.jfutex.bench.child.FirstLock;

/** The benchmarks of getting a lock, rather than of having one. */
final class RegionCatalogue {
  private static final List<Integer> NAMES = List.of(10, 100, 1_000, 10_000, 100_000);
  private static final String FIND = "region-find";

  private final String backend;

  RegionCatalogue(String backend) {
    this.backend = backend;
  }

  /** Of a JVM that has none yet; beside one that takes a lock of its own, which is what any start takes. */
  List<Benchmark> starts() {
    return List.of(
        start("FileChannel.lock", FirstLock.FILE), start("ReentrantLock", FirstLock.REENTRANT));
  }

  private Benchmark start(String peer, String lock) {
    return new Start("start-first-lock", backend, first(FirstLock.REGION), peer, first(lock));
  }

  /** Of one of many that have a name. */
  List<Benchmark> finds() {
    return NAMES.stream().map(this::find).toList();
  }

  private Benchmark find(int names) {
    return new Duel(
            FIND + "-" + names,
            backend,
            file -> find("region-names", file.path() + ".region", names),
            "FileChannel.open",
            file -> find("file-names", file.path() + ".files", names))
        .at(FIND, "slots", names);
  }

  private Child find(String task, String where, int names) throws IOException {
    return new Child(new ChildJvm(backend).command(task, where, Integer.toString(names))).ready();
  }

  private Start.Command first(String lock) {
    ChildJvm jvm = new ChildJvm(backend);
    return file -> jvm.commandOf(FirstLock.class, lock, file.path().toString());
  }
}
