// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import org.HdrHistogram.Histogram;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/** Checks the orders that come: each producer's once, whole, and one after the other. */
final class OrderTally implements MessageHandler {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final long[] last; // number of the last order of each producer
  private long received;
  private long wrong;
  private Histogram latencies; // null while they do not count

  OrderTally(int producers) {
    last = new long[producers];
  }

  @Override
  public void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
    int producer = Order.producer(buffer, index);
    long number = Order.number(buffer, index);
    if (type != Order.TYPE
        || length != Order.BYTES
        || number <= last[producer]
        || !Order.isWhole(buffer, index)) {
      wrong++;
      return;
    }
    last[producer] = number;
    received++;
    if (latencies != null) {
      latencies.recordValue(Math.max(0, System.nanoTime() - Order.due(buffer, index)));
    }
  }

  /** From now on, into what this returns. */
  Histogram measureLatencies() {
    latencies = new Histogram(SIGNIFICANT_DIGITS);
    return latencies;
  }

  long received() {
    return received;
  }

  long wrong() {
    return wrong;
  }
}
