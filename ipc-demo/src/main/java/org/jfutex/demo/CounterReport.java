// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Locale;

/**
 * What the counter came to.
 *
 * @param ok every process did its work and no increment was lost
 * @param increments of each process
 * @param expected {@code processes * increments}
 * @param actual what the counter holds
 * @param elapsedMs from the start line until the last was done, starts of JVMs not included
 * @param nsPerOp elapsed time for each of the expected increments
 * @param violation what did not hold, null if {@code ok}
 */
record CounterReport(
    String command,
    boolean ok,
    String lock,
    int processes,
    int increments,
    long expected,
    long actual,
    double elapsedMs,
    double nsPerOp,
    String violation) {

  /**
   * Judges a run.
   *
   * @param failure what ended it early, or null
   */
  static CounterReport of(
      LockKind lock,
      int processes,
      int increments,
      long actual,
      long elapsedNanos,
      String failure) {
    long expected = (long) processes * increments;
    String violation = failure;
    if (violation == null && actual != expected) {
      violation =
          String.format(
              Locale.ROOT,
              "found a counter of %d, expected %d: the lock let two in at a time",
              actual,
              expected);
    }
    return new CounterReport(
        "counter",
        violation == null,
        lock.toString(),
        processes,
        increments,
        expected,
        actual,
        Json.rounded(elapsedNanos / 1e6),
        Json.rounded((double) elapsedNanos / expected),
        violation);
  }
}
