// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.Waiter;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Bytes that an operation allocates, by the JVM's own count for the threads that take part. A profiler of the whole
 * heap would add what the harness allocates, and divide it by as few operations as a sleeping thread makes.
 */
final class AllocationTask implements Task {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WORDS = 4;
  private static final int CACHE_LINE = 64;
  private static final int MOVED = 2;

  /** Without a sleeper an operation is far below a microsecond, with one some ten. */
  private static final long SOLO_PER_MILLI = 2_000;

  private static final long DUET_PER_MILLI = 30;

  private static final long WARM_UP_MILLIS = 500;

  /** The operation once. */
  private interface Operation {
    void run();
  }

  private final FutexManager futexes = FutexManager.system();
  private final FutexWord[] words = new FutexWord[WORDS];
  private final FutexWord mine;
  private final FutexWord partners;
  private final Waiter waiter = new Waiter();
  private final Operation operation;
  private Thread partner; // null where one thread does it all
  private volatile boolean stopped;

  /**
   * @param engine in-jvm or kernel
   */
  AllocationTask(String engine, String operationName) throws Exception {
    MappedMemory memory = MappedMemory.wrap(ByteBuffer.allocateDirect(WORDS * CACHE_LINE));
    for (int i = 0; i < WORDS; i++) {
      words[i] =
          "in-jvm".equals(engine)
              ? memory.privateWord(i * CACHE_LINE)
              : memory.word(i * CACHE_LINE);
    }
    mine = words[0];
    partners = words[1];
    operation = operation(operationName);
    slice(WARM_UP_MILLIS);
    slice(WARM_UP_MILLIS);
  }

  private Operation operation(String name) {
    FutexWord moved = words[MOVED];
    switch (name) {
      case "wait-mismatching":
        return () -> futexes.wait(mine, 1);
      case "wake":
        return () -> futexes.wake(mine, 1);
      case "requeue":
        return () -> futexes.requeue(mine, moved, 1, 1);
      case "prepare-complete":
        return () -> {
          futexes.waitPrepare(waiter, mine, 0, FutexManager.ANY_BIT);
          futexes.waitComplete(waiter);
        };
      case "hand-off":
        return handOff((word, value) -> futexes.wait(word, value));
      case "hand-off-timed":
        return handOff(
            (word, value) ->
                futexes.wait(
                    word, value, FutexManager.ANY_BIT, Deadline.after(1, TimeUnit.MINUTES)));
      case "hand-off-interruptible":
        return handOff((word, value) -> futexes.waitInterruptibly(word, value));
      case "hand-off-requeued":
        return handOffRequeued(moved);
      default:
        throw new IllegalArgumentException("no such operation: " + name);
    }
  }

  /** One way to sleep while a word holds a value. */
  private interface Sleep {
    void on(FutexWord word, int value);
  }

  /** Each side changes the other's word, wakes it and sleeps. */
  private Operation handOff(Sleep sleep) {
    partner =
        new Thread(
            () -> {
              for (int seen = 0; !stopped; mine.setVolatile(++seen), futexes.wake(mine, 1)) {
                while (partners.getVolatile() == seen && !stopped) {
                  sleep.on(partners, seen);
                }
              }
            });
    return () -> {
      int before = mine.getVolatile();
      partners.setVolatile(before + 1);
      futexes.wake(partners, 1);
      while (mine.getVolatile() == before) {
        sleep.on(mine, before);
      }
    };
  }

  /** The partner sleeps on one word, is moved to another and woken there. */
  private Operation handOffRequeued(FutexWord moved) {
    partner =
        new Thread(
            () -> {
              while (!stopped) {
                futexes.wait(partners, 0);
              }
            });
    return () -> {
      while (futexes.requeue(partners, moved, 0, 1) == 0) {
        Thread.yield(); // it is not asleep again yet
      }
      futexes.wake(moved, 1);
    };
  }

  @Override
  public Slice slice(long millis) {
    if (partner != null && partner.getState() == Thread.State.NEW) {
      partner.setDaemon(true);
      partner.start();
    }
    long times = millis * (partner == null ? SOLO_PER_MILLI : DUET_PER_MILLI);
    // To ask for another thread's count allocates: outside of what is counted.
    long partnersBefore = partnersBytes();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (long i = 0; i < times; i++) {
      operation.run();
    }
    long own = THREADS.getCurrentThreadAllocatedBytes() - before;
    return new Slice((double) (own + partnersBytes() - partnersBefore) / times, 0);
  }

  /** A sleeping thread's count is complete. */
  private long partnersBytes() {
    return partner == null ? 0 : THREADS.getThreadAllocatedBytes(partner.getId());
  }

  @Override
  public void close() {
    stopped = true; // a daemon; the process ends now
  }
}
