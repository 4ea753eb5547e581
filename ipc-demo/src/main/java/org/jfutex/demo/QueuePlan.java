// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What is to be done in each {@link QueuePhase}; the same for all processes.
 *
 * @param messages orders to measure the throughput with
 * @param rate orders in a second while latencies are measured, of all producers together
 * @param spin whether the consumer polls without a rest instead of sleeping
 * @param dropped number of an order of the first producer that is never sent; 0 for none
 */
record QueuePlan(int messages, int producers, int rate, boolean spin, long dropped) {
  /** Until both sides are compiled. */
  private static final int WARM_UP_MESSAGES = 300_000;

  static final int LATENCY_SECONDS = 2;

  /** Before it counts: what the last phase gave the JIT to do. */
  static final int SETTLE_MILLIS = 500;

  static final int IDLE_MILLIS = 1_000;

  /** The arguments of a process that {@link #parse} understands. */
  List<Object> arguments() {
    return List.of(messages, producers, rate, spin, dropped);
  }

  /**
   * @param first where in the arguments it begins
   */
  static QueuePlan parse(String[] args, int first) {
    return new QueuePlan(
        Integer.parseInt(args[first]),
        Integer.parseInt(args[first + 1]),
        Integer.parseInt(args[first + 2]),
        Boolean.parseBoolean(args[first + 3]),
        Long.parseLong(args[first + 4]));
  }

  /** Of all producers. */
  int orders(QueuePhase phase) {
    return switch (phase) {
      case WARM_UP -> WARM_UP_MESSAGES;
      case THROUGHPUT -> messages;
      case LATENCY -> LATENCY_SECONDS * rate;
      case IDLE, END -> 0;
    };
  }

  /** Of one: the first, the first + producers, and so on. */
  int orders(QueuePhase phase, int producer) {
    return (orders(phase) + producers - 1 - producer) / producers;
  }

  /** In nanoseconds from the start of the phase, the producers in turns. */
  long due(int producer, int order) {
    return ((long) order * producers + producer) * TimeUnit.SECONDS.toNanos(1) / rate;
  }
}
