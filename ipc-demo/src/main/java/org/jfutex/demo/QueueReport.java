// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What the queue came to.
 *
 * @param ok every order came, once and whole, and who had nothing to do cost nothing
 * @param messages orders that the throughput was measured with
 * @param spin the consumer polled instead of sleeping
 * @param ratePerSec orders in a second while latencies were measured
 * @param p50Ns half of them were read within this time from when they were due to be sent
 * @param idleCpuPercent of one CPU, the consumer's while nothing was sent
 * @param lost orders that were sent and never came
 * @param violation what did not hold, null if {@code ok}
 */
record QueueReport(
    String command,
    boolean ok,
    int messages,
    int producers,
    boolean spin,
    long throughputPerSec,
    int ratePerSec,
    long p50Ns,
    long p99Ns,
    long p999Ns,
    double idleCpuPercent,
    long lost,
    String violation) {

  /** What a JVM does by itself is below 1 %; who polls, spins or naps takes far more. */
  static final int IDLE_CPU_PERCENT_LIMIT = 5;

  private static final double PERCENT = 100;

  /**
   * Judges a run.
   *
   * @param figures 0 for those that it did not come to
   * @param failure what ended it early, or null
   */
  static QueueReport of(QueuePlan plan, ToLongFunction<QueueFigure> figures, String failure) {
    long lost = figures.applyAsLong(QueueFigure.LOST);
    long wrong = figures.applyAsLong(QueueFigure.WRONG);
    double idle =
        Json.rounded(
            PERCENT
                * figures.applyAsLong(QueueFigure.IDLE_CPU_NS)
                / Math.max(1, figures.applyAsLong(QueueFigure.IDLE_NS)));
    String violation = failure;
    if (violation == null && wrong != 0) {
      violation = text("found %d orders twice, out of order or damaged, expected none", wrong);
    }
    if (violation == null && lost != 0) {
      violation = text("found %d orders lost, expected none", lost);
    }
    if (violation == null && !plan.spin() && idle >= IDLE_CPU_PERCENT_LIMIT) {
      violation =
          text(
              "found an idle consumer that used %s %% of a CPU, expected under %d",
              idle, IDLE_CPU_PERCENT_LIMIT);
    }
    return new QueueReport(
        "queue",
        violation == null,
        plan.messages(),
        plan.producers(),
        plan.spin(),
        Math.round(
            plan.messages() * 1e9 / Math.max(1, figures.applyAsLong(QueueFigure.ELAPSED_NS))),
        plan.rate(),
        figures.applyAsLong(QueueFigure.P50_NS),
        figures.applyAsLong(QueueFigure.P99_NS),
        figures.applyAsLong(QueueFigure.P999_NS),
        idle,
        lost,
        violation);
  }

  private static String text(String format, Object... figures) {
    return String.format(Locale.ROOT, format, figures);
  }
}
