// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * One of several processes that increment one plain counter under one lock, or read it under one, each as fast as it
 * can; {@code contended.h} in Java, with the same fields. A slice begins when all have come to it, and ends with a look
 * at the counter: a lock that lets two writers in at a time would be fast.
 *
 * <pre>
 *     0  lock          if it is no longer
 *    64  counter  u32  under the lock
 *   128  arrived  u32  at meetings, ever
 *   192  total    u32  what the counter should hold
 * </pre>
 */
final class ContendedTask implements Task {
  private static final int COUNTER = 64;
  private static final int ARRIVED = 128;
  private static final int TOTAL = 192;

  /** Between two looks at the clock, which are two. */
  private static final int BATCH = 32;

  private final Lock lock;
  private final ByteBuffer buffer;
  private final int counter;
  private final Gathering gathering;
  private final FutexWord total;
  private final boolean writes;
  private int read; // so that reading is not for nothing

  /**
   * With nothing under the lock but the counter.
   *
   * @param arguments FILE, OFFSET and PROCESSES among them
   */
  ContendedTask(Arguments arguments, Lock lock) throws Exception {
    this(arguments, lock, true);
  }

  /**
   * @param writes whether it increments
   */
  ContendedTask(Arguments arguments, Lock lock, boolean writes) throws Exception {
    this.writes = writes;
    this.lock = lock;
    MappedMemory memory = arguments.memory();
    int offset = arguments.offset();
    buffer = memory.buffer();
    counter = offset + COUNTER;
    total = memory.word(offset + TOTAL);
    gathering = new Gathering(memory.word(offset + ARRIVED), arguments.number("PROCESSES"));
    gathering.warmUp(this);
  }

  /**
   * With so much work under the lock. It is time that passes, so that it is as much as C's.
   *
   * @param nanos the clock's own cost is part of it; 0 for none, not even that
   */
  static ContendedTask holding(Arguments arguments, Lock mutex, long nanos) throws Exception {
    if (nanos == 0) {
      return new ContendedTask(arguments, mutex);
    }
    Runnable lockAndWork =
        () -> {
          mutex.lock();
          long end = System.nanoTime() + nanos;
          while (System.nanoTime() - end < 0) {
            // It works.
          }
        };
    return new ContendedTask(arguments, MeasuredLock.of(lockAndWork, mutex::unlock));
  }

  /** The value is nanoseconds for each time that this process was inside. */
  @Override
  public Slice slice(long millis) {
    gathering.meet();
    Latencies latencies = new Latencies();
    long start = System.nanoTime();
    int times = workUntil(start + TimeUnit.MILLISECONDS.toNanos(millis), latencies);
    double nanos = System.nanoTime() - start;
    total.getAndAdd(writes ? times : 0);
    gathering.meet();
    int counted = buffer.getInt(counter);
    if (counted != total.getVolatile()) {
      throw new IllegalStateException(
          "counted " + counted + " increments, expected " + total.getVolatile());
    }
    return new Slice(nanos / times, 0, latencies.nanos());
  }

  /** The last of each batch is timed alone. */
  private int workUntil(long end, Latencies latencies) {
    int times = 0;
    long now;
    do {
      work(BATCH - 1);
      long before = System.nanoTime();
      work(1);
      now = System.nanoTime();
      latencies.add(now - before);
      times += BATCH;
    } while (now - end < 0);
    return times;
  }

  /** The lock is a local, as it is in C: a field would be read anew after each barrier. */
  private void work(int times) {
    Lock one = lock;
    for (int i = 0; i < times; i++) {
      one.lock();
      int before = buffer.getInt(counter);
      if (writes) {
        buffer.putInt(counter, before + 1);
      } else {
        read += before;
      }
      one.unlock();
    }
  }
}
