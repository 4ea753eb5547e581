// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Threads of one JVM that go through one door, each as fast as it can; {@link ContendedTask} without processes. They
 * are dealt out to CPUs, for the same reason. The counter inside is plain: a door that lets two in at a time would be
 * fast, and fails.
 */
final class ThreadTeam implements Task {
  /** Between two looks at the clock, which are two. */
  private static final int BATCH = 128;

  private static final int WARM_UP_SLICES = 8;
  private static final long WARM_UP_MILLIS = 50;

  private final Door door;
  private final ExecutorService threads;
  private final List<Callable<Done>> members;
  private final Door.Inside inside = new Door.Inside();
  private volatile long end;
  private int total; // what it should hold

  static void declare(Tasks tasks) {
    tasks.task(
        "threads FILE KIND CPU...",
        arguments ->
            new ThreadTeam(
                Door.of(arguments.text("KIND"), arguments.memory()), arguments.all("CPU")));
  }

  /**
   * @param cpus one for each thread
   */
  private ThreadTeam(Door door, List<String> cpus) throws Exception {
    this.door = door;
    threads = Executors.newFixedThreadPool(cpus.size(), new PinnedThreads(cpus));
    members = Collections.nCopies(cpus.size(), this::workUntilEnd);
    for (int i = 0; i < WARM_UP_SLICES; i++) {
      slice(WarmUp.of(WARM_UP_MILLIS));
    }
  }

  /** The value is the time that passes for one operation of any. */
  @Override
  public Slice slice(long millis) throws Exception {
    long start = System.nanoTime();
    end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    LongSummaryStatistics times = new LongSummaryStatistics();
    List<Double> amounts = new ArrayList<>();
    List<List<Long>> samples = new ArrayList<>();
    for (Future<Done> own : threads.invokeAll(members)) {
      times.accept(own.get().times());
      amounts.add((double) own.get().times());
      samples.add(LongStream.of(own.get().nanos()).boxed().toList());
    }
    double nanos = System.nanoTime() - start;
    double all = times.getSum();
    total += door.excludes() ? (int) times.getSum() : 0;
    if (door.excludes() && inside.counter != total) {
      throw new IllegalStateException(
          "counted " + inside.counter + " times inside, expected " + total);
    }
    long[] pool = Pool.of(samples, amounts).stream().mapToLong(Long::longValue).toArray();
    return new Slice(nanos / all, 0, times.getMin() / all, times.getMax() / all, pool);
  }

  /** The last of each batch is timed alone. */
  private Done workUntilEnd() {
    Latencies latencies = new Latencies();
    long times = 0;
    long now;
    do {
      door.pass(BATCH - 1, inside);
      long before = System.nanoTime();
      door.pass(1, inside);
      now = System.nanoTime();
      latencies.add(now - before);
      times += BATCH;
    } while (now - end < 0);
    return new Done(times, latencies.nanos());
  }

  /** What a thread did in a slice. */
  private record Done(long times, long[] nanos) {}

  @Override
  public void close() {
    threads.shutdown();
  }
}
