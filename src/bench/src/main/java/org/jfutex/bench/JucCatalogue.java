// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The benchmarks of threads of one JVM: each of ours beside its counterpart in {@code java.util.concurrent}. */
final class JucCatalogue implements Theme {
  private static final String PREFIX = "juc-";
  private static final String HAND_OFF = PREFIX + "hand-off-";
  private static final String AXIS = "threads";

  /**
   * Two that do the same.
   *
   * @param name of the lines
   * @param ours as the task calls it
   * @param peer as the task calls it, too: by the name of the class
   */
  private record Counterparts(String name, String ours, String peer) {
    Counterparts(String ours, String peer) {
      this(ours, ours, peer);
    }
  }

  private static final Counterparts BARRIER = new Counterparts("barrier", "CyclicBarrier");

  private static final List<Counterparts> MUTEXES =
      List.of(
          new Counterparts("mutex-normal", "ReentrantLock"),
          new Counterparts("mutex-default", "ReentrantLock"));

  private static final List<Counterparts> DOORS =
      List.of(
          new Counterparts("semaphore", "Semaphore"),
          new Counterparts("rwlock-read", "ReentrantReadWriteLock-read"),
          new Counterparts("rwlock-write", "ReentrantReadWriteLock-write"),
          new Counterparts("rwlock-read-stamped", "rwlock-read", "StampedLock-read"),
          new Counterparts("rwlock-compact-read", "ReentrantReadWriteLock-read"),
          new Counterparts("rwlock-compact-write", "ReentrantReadWriteLock-write"),
          new Counterparts("latch", "CountDownLatch"));

  private static final List<Counterparts> HAND_OFFS =
      List.of(
          new Counterparts("condition", "Condition"),
          new Counterparts("event", "Condition"),
          new Counterparts("doorbell", "LockSupport"),
          new Counterparts("semaphore", "Semaphore"),
          new Counterparts("latch", "CountDownLatch"));

  private final String backend;
  private final List<Integer> cpus;

  JucCatalogue(Means means) {
    backend = means.backend();
    cpus = means.cpus().all();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(lines(), Need.BACKEND, Need.TASKSET);
  }

  private Stream<Benchmark> lines() {
    List<Benchmark> lines = new ArrayList<>();
    MUTEXES.forEach(pair -> addDoors(lines, pair, 1, 2, 4));
    DOORS.forEach(pair -> addDoors(lines, pair, 1, 2));
    HAND_OFFS.forEach(pair -> lines.add(duel(HAND_OFF + pair.name, "hand-off", pair, 2)));
    IntStream.of(1, 2, 4)
        .mapToObj(threads -> curve(PREFIX + BARRIER.name, "hand-off", BARRIER, threads))
        .forEach(lines::add);
    return lines.stream();
  }

  private void addDoors(List<Benchmark> lines, Counterparts pair, int... threads) {
    for (int several : threads) {
      Benchmark door = curve(PREFIX + pair.name, "threads", pair, several);
      lines.add(several == 1 ? door : new LongSlices(door));
    }
  }

  private Duel curve(String name, String task, Counterparts pair, int threads) {
    return duel(name + "-" + threads, task, pair, threads).at(name, AXIS, threads);
  }

  private Duel duel(String name, String task, Counterparts pair, int threads) {
    return new Duel(
        name,
        backend,
        file -> jvm(file, task, pair.ours, threads),
        pair.peer,
        file -> jvm(file, task, pair.peer, threads));
  }

  private Child jvm(SharedFile file, String task, String kind, int threads) throws IOException {
    Stream<String> fixed = Stream.of(task, file.path().toString(), kind);
    Stream<String> dealt =
        IntStream.range(0, threads).mapToObj(i -> Integer.toString(cpus.get(i % cpus.size())));
    return new Child(
            new ChildJvm(backend).command(Stream.concat(fixed, dealt).toArray(String[]::new)))
        .ready();
  }
}
