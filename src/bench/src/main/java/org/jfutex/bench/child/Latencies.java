// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What the single operations of a slice took; of many a sample: every second one, every fourth, .. */
final class Latencies {
  private static final int MOST = 1024;
  private static final double HALF = 0.5;

  private final long[] nanos = new long[MOST];
  private int count;
  private long added;
  private long stride = 1;

  void add(long latency) {
    if (added++ % stride == 0) {
      if (count == MOST) {
        thin();
      }
      nanos[count++] = latency;
    }
  }

  private void thin() {
    count /= 2;
    for (int i = 0; i < count; i++) {
      nanos[i] = nanos[2 * i];
    }
    stride *= 2;
  }

  /** A slice of what is timed each time, and takes long beside that. */
  static Task.Slice slice(long millis, LongSupplier timed) {
    Latencies latencies = new Latencies();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    do {
      latencies.add(timed.getAsLong());
    } while (System.nanoTime() - end < 0);
    return latencies.slice();
  }

  /** Those of the sample, in order. */
  long[] nanos() {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Their median is its value. */
  Task.Slice slice() {
    long[] sorted = nanos();
    return new Task.Slice(sorted[(int) (HALF * count)], 0, sorted);
  }
}
