// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What the kills came to.
 *
 * @param ok each kill was recovered from once, and no update was lost or done by half
 * @param rounds kills that were asked for
 * @param recovered how often an owner was found dead
 * @param recoveryP50Ns half of the recoveries began within this time from the kill
 * @param violation what did not hold, null if {@code ok}
 */
record CrashReport(
    boolean ok,
    String lock,
    int rounds,
    int recovered,
    long recoveryP50Ns,
    long recoveryP99Ns,
    Updates updates,
    String violation) {

  /**
   * One number, three times.
   *
   * @param total as the workers counted together
   * @param shares as they counted each, under the lock
   * @param completed as they counted each, outside of it
   */
  record Updates(long total, long shares, long completed) {}

  /**
   * Judges a run.
   *
   * @param takenBack updates that were found half-done
   * @param failure what ended it early, or null
   */
  static CrashReport of(
      LockKind lock,
      int rounds,
      int recovered,
      long takenBack,
      Updates updates,
      Histogram recoveries,
      String failure) {
    String violation = failure;
    if (violation == null && recovered != rounds) {
      violation = text("found %d recoveries, expected %d", recovered, rounds);
    }
    if (violation == null && takenBack != rounds) {
      violation =
          text("found %d updates that were half-done, expected %d: one a kill", takenBack, rounds);
    }
    if (violation == null
        && (updates.total != updates.completed || updates.shares != updates.completed)) {
      violation =
          text(
              "found a total of %d and shares of %d, expected %d: an update was lost, or done by half",
              updates.total, updates.shares, updates.completed);
    }
    return new CrashReport(
        violation == null,
        lock.toString(),
        rounds,
        recovered,
        recoveries.getValueAtPercentile(50),
        recoveries.getValueAtPercentile(99),
        updates,
        violation);
  }

  /** For JSON: without how many updates there were, which is chance. */
  Map<String, Object> asMap() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("command", "crash");
    report.put("ok", ok);
    report.put("lock", lock);
    report.put("rounds", rounds);
    report.put("recovered", recovered);
    report.put("recoveryP50Ns", recoveryP50Ns);
    report.put("recoveryP99Ns", recoveryP99Ns);
    if (violation != null) {
      report.put("violation", violation);
    }
    return report;
  }

  private static String text(String format, Object... figures) {
    return String.format(Locale.ROOT, format, figures);
  }
}
