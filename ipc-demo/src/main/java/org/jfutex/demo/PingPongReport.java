// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What the ping-pong came to.
 *
 * @param ok all round trips were made and the waiter really slept
 * @param rounds round trips that were made
 * @param p50Ns half of the round trips took at most this long
 * @param waiterCpuMs CPU time of a waiter over its long sleep, null if it did not come to that
 * @param violation what did not hold, null if {@code ok}
 */
record PingPongReport(
    String command,
    boolean ok,
    long rounds,
    long p50Ns,
    long p99Ns,
    long p999Ns,
    Double waiterCpuMs,
    String violation) {

  /** Falling asleep and waking up take some 50 us; who spins or polls for a second takes far more. */
  static final int WAITER_CPU_MS_LIMIT = 50;

  /**
   * Judges a run.
   *
   * @param rounds round trips that were asked for
   * @param waiterCpuNanos CPU time over the long sleep, or null
   * @param failure what ended it early, or null
   */
  static PingPongReport of(int rounds, Histogram roundTrips, Long waiterCpuNanos, String failure) {
    Double waiterCpuMs = waiterCpuNanos == null ? null : Json.rounded(waiterCpuNanos / 1e6);
    String violation = failure;
    if (violation == null && roundTrips.getTotalCount() != rounds) {
      violation = "found " + roundTrips.getTotalCount() + " round trips, expected " + rounds;
    }
    if (violation == null && (waiterCpuMs == null || waiterCpuMs >= WAITER_CPU_MS_LIMIT)) {
      violation =
          String.format(
              Locale.ROOT,
              "found a waiter that used %s ms of CPU time in its sleep, expected under %d",
              waiterCpuMs,
              WAITER_CPU_MS_LIMIT);
    }
    return new PingPongReport(
        "pingpong",
        violation == null,
        roundTrips.getTotalCount(),
        roundTrips.getValueAtPercentile(50),
        roundTrips.getValueAtPercentile(99),
        roundTrips.getValueAtPercentile(99.9),
        waiterCpuMs,
        violation);
  }
}
