// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.agrona.RingProducer;

/** One process of {@link QueueCommand} that sends orders. */
final class QueueProducer {
  /** What a sleeping thread may come back late: the rest of the time it spins, so that it is not late itself. */
  private static final long SLACK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final QueueFile file;
  private final QueuePlan plan;
  private final int self;
  private final RingProducer orders;
  private final UnsafeBuffer order = new UnsafeBuffer(new byte[Order.BYTES]);
  private long number;

  private QueueProducer(QueueFile file, QueuePlan plan, int self, RingProducer orders) {
    this.file = file;
    this.plan = plan;
    this.self = self;
    this.orders = orders;
  }

  /**
   * @param args file, number of this producer, plan
   */
  public static void main(String... args) throws IOException, InterruptedException {
    ChildJvms.endWithParent();
    try (QueueFile file = new QueueFile(Path.of(args[0]));
        RingProducer orders = file.orders().producer()) {
      QueueProducer producer =
          new QueueProducer(file, QueuePlan.parse(args, 2), Integer.parseInt(args[1]), orders);
      for (QueuePhase phase : QueuePhase.values()) {
        file.awaitPhase(phase);
        producer.send(phase);
        file.sentAll();
      }
    }
  }

  private void send(QueuePhase phase) throws InterruptedException {
    int count = plan.orders(phase, self);
    awaitDue(file.began());
    for (int i = 0; i < count; i++) {
      if (phase == QueuePhase.LATENCY) {
        long due = file.began() + plan.due(self, i);
        awaitDue(due);
        send(due);
      } else {
        send(file.began());
      }
    }
  }

  /** The time that counts is when it was due: what comes late because an earlier one did is late, too. */
  private static void awaitDue(long due) {
    long nanos;
    while ((nanos = due - System.nanoTime()) > 0) {
      if (nanos > 2 * SLACK_NANOS) {
        LockSupport.parkNanos(nanos - SLACK_NANOS);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private void send(long due) throws InterruptedException {
    number++;
    if (number == plan.dropped() && self == 0) {
      return;
    }
    Order.write(order, self, number, due);
    orders.write(Order.TYPE, order, 0, Order.BYTES);
  }
}
