// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jfutex.agrona.RingConsumer;

/** The process of {@link QueueCommand} that receives orders, and finds out whether and when they came. */
final class QueueConsumer {
  /** At a time: producers that wait for room get some after so many. */
  private static final int BATCH = 256;

  /** How often who waits for an order looks whether one was lost, so that none will come any more. */
  private static final long LOOK_MILLIS = 100;

  private final QueueFile file;
  private final QueuePlan plan;
  private final RingConsumer orders;
  private final OrderTally tally;
  private long lost;

  private QueueConsumer(QueueFile file, QueuePlan plan, RingConsumer orders) {
    this.file = file;
    this.plan = plan;
    this.orders = orders;
    tally = new OrderTally(plan.producers());
  }

  /**
   * @param args file, plan
   */
  public static void main(String... args) throws IOException, InterruptedException {
    ChildJvms.endWithParent();
    try (QueueFile file = new QueueFile(Path.of(args[0]));
        RingConsumer orders = file.orders().consumer()) {
      QueueConsumer consumer = new QueueConsumer(file, QueuePlan.parse(args, 1), orders);
      for (QueuePhase phase : QueuePhase.values()) {
        file.awaitPhase(phase);
        consumer.take(phase);
      }
    }
  }

  private void take(QueuePhase phase) throws InterruptedException {
    switch (phase) {
      case THROUGHPUT -> {
        receive(phase);
        file.set(QueueFigure.ELAPSED_NS, System.nanoTime() - file.began());
      }
      case LATENCY -> {
        Histogram latencies = tally.measureLatencies();
        receive(phase);
        file.set(QueueFigure.P50_NS, latencies.getValueAtPercentile(50));
        file.set(QueueFigure.P99_NS, latencies.getValueAtPercentile(99));
        file.set(QueueFigure.P999_NS, latencies.getValueAtPercentile(99.9));
      }
      case IDLE -> {
        while (file.get(QueueFigure.IDLE_NS) == 0) { // not measured yet
          next(QueuePlan.SETTLE_MILLIS + QueuePlan.IDLE_MILLIS);
        }
      }
      default -> receive(phase);
    }
    file.set(QueueFigure.LOST, lost);
    file.set(QueueFigure.WRONG, tally.wrong());
  }

  /** Orders keep their order: when all are sent and none is left, those that did not come are lost. */
  private void receive(QueuePhase phase) throws InterruptedException {
    long expected = tally.received() + plan.orders(phase);
    int allSent = plan.producers() * (phase.ordinal() + 1);
    while (tally.received() < expected) {
      boolean noneWillCome = file.sent() == allSent;
      if (next(LOOK_MILLIS) == 0 && noneWillCome) {
        lost += expected - tally.received();
        return;
      }
    }
  }

  /** Asleep until there is an order, or, for comparison, awake. */
  private int next(long millis) throws InterruptedException {
    if (!plan.spin()) {
      return orders.read(tally, BATCH, millis, TimeUnit.MILLISECONDS);
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    int read;
    while ((read = orders.poll(tally, BATCH)) == 0 && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    return read;
  }
}
