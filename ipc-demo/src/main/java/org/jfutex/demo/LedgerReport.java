// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the kills left of the accounts.
 *
 * @param ok no money came or went, and each transfer was done once
 * @param transfers that were asked for
 * @param done that the workers counted
 * @param kills that were asked for
 * @param recoveries how often an owner of the mutex was found dead
 * @param sumBefore of all balances
 * @param sumAfter the same, at the end
 * @param violation what did not hold, null if {@code ok}
 */
record LedgerReport(
    boolean ok,
    int processes,
    long transfers,
    long done,
    int kills,
    long recoveries,
    long sumBefore,
    long sumAfter,
    String violation) {

  /**
   * Judges a run.
   *
   * @param wrongAccounts whose balance is not the one that the transfers make, each done once
   * @param failure what ended it early, or null
   */
  static LedgerReport of(
      int processes,
      long transfers,
      long done,
      int kills,
      long recoveries,
      long sumBefore,
      long sumAfter,
      int wrongAccounts,
      String failure) {
    String violation = failure;
    if (violation == null && sumBefore != sumAfter) {
      violation = text("found a sum of %d, expected %d", sumAfter, sumBefore);
    }
    if (violation == null && recoveries != kills) {
      violation = text("found %d recoveries, expected %d: one a kill", recoveries, kills);
    }
    if (violation == null && done != transfers) {
      violation = text("found %d transfers, expected %d", done, transfers);
    }
    if (violation == null && wrongAccounts != 0) {
      violation =
          text(
              "found %d accounts with another balance than the transfers make, each done once",
              wrongAccounts);
    }
    return new LedgerReport(
        violation == null,
        processes,
        transfers,
        done,
        kills,
        recoveries,
        sumBefore,
        sumAfter,
        violation);
  }

  Map<String, Object> asMap() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("command", "ledger");
    report.put("ok", ok);
    report.put("processes", processes);
    report.put("transfers", transfers);
    report.put("done", done);
    report.put("kills", kills);
    report.put("recoveries", recoveries);
    report.put("sumBefore", sumBefore);
    report.put("sumAfter", sumAfter);
    if (violation != null) {
      report.put("violation", violation);
    }
    return report;
  }

  private static String text(String format, Object... figures) {
    return String.format(Locale.ROOT, format, figures);
  }
}
