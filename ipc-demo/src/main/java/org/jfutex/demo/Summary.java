// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What all the demos came to.
 *
 * @param crash null if this machine has no robust locks
 * @param ledger the same
 * @param queue the same
 */
record Summary(
    CounterReport counter,
    CrashReport crash,
    LedgerReport ledger,
    PingPongReport pingPong,
    QueueReport queue) {

  /** What did not hold; empty if all is well. */
  List<String> violations() {
    List<String> violations = new ArrayList<>();
    if (!counter.ok()) {
      violations.add("counter: " + counter.violation());
    }
    if (crash != null && !crash.ok()) {
      violations.add("crash: " + crash.violation());
    }
    if (ledger != null && !ledger.ok()) {
      violations.add("ledger: " + ledger.violation());
    }
    if (!pingPong.ok()) {
      violations.add("pingpong: " + pingPong.violation());
    }
    if (queue != null && !queue.ok()) {
      violations.add("queue: " + queue.violation());
    }
    return violations;
  }

  /** What was found beside what was expected. */
  String table() {
    Column[] columns = {
      new Column().header("").dataAlign(HorizontalAlign.LEFT),
      new Column().header("found").dataAlign(HorizontalAlign.RIGHT),
      new Column().header("expected").dataAlign(HorizontalAlign.RIGHT),
    };
    List<String[]> rows = new ArrayList<>(counterRows());
    if (crash != null) {
      rows.addAll(crashRows());
    }
    if (ledger != null) {
      rows.addAll(ledgerRows());
    }
    rows.addAll(pingPongRows());
    if (queue != null) {
      rows.addAll(queueRows());
    }
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows.toArray(String[][]::new));
  }

  private List<String[]> counterRows() {
    return List.of(
        row(
            text(
                "%d JVMs, %,d increments each: counter", counter.processes(), counter.increments()),
            text("%,d", counter.actual()),
            text("%,d", counter.expected())),
        row(
            text("    one increment under a %s lock", counter.lock()),
            text("%,.0f ns", counter.nsPerOp()),
            ""));
  }

  private List<String[]> crashRows() {
    return List.of(
        row(
            text(
                "%d JVMs, one with the lock killed, again and again: recoveries", CrashRun.WORKERS),
            text("%,d", crash.recovered()),
            text("%,d", crash.rounds())),
        row(
            "    updates of survivors and dead",
            text("%,d", crash.updates().total()),
            text("%,d", crash.updates().completed())),
        row(
            "    from the kill to the next owner: 50 % within",
            text("%,d ns", crash.recoveryP50Ns()), ""),
        row("    99 %", text("%,d ns", crash.recoveryP99Ns()), ""));
  }

  private List<String[]> ledgerRows() {
    return List.of(
        row(
            text(
                "%d JVMs, one killed in mid-transfer, again and again: recoveries",
                ledger.processes()),
            text("%,d", ledger.recoveries()),
            text("%,d", ledger.kills())),
        row("    transfers", text("%,d", ledger.done()), text("%,d", ledger.transfers())),
        row(
            "    sum of all accounts",
            text("%,d", ledger.sumAfter()),
            text("%,d", ledger.sumBefore())));
  }

  private List<String[]> pingPongRows() {
    return List.of(
        row(
            "2 JVMs, blocked ping-pong: round trips",
            text("%,d", pingPong.rounds()),
            text("%,d", PingPongCommand.DEFAULT_ROUNDS)),
        row("    50 % of them within", text("%,d ns", pingPong.p50Ns()), ""),
        row("    99 %", text("%,d ns", pingPong.p99Ns()), ""),
        row("    99.9 %", text("%,d ns", pingPong.p999Ns()), ""),
        row(
            text("CPU time of a waiter that slept %,d ms", PingPongCommand.SLEEP_MILLIS),
            pingPong.waiterCpuMs() == null ? "" : text("%,.3f ms", pingPong.waiterCpuMs()),
            text("under %,d ms", PingPongReport.WAITER_CPU_MS_LIMIT)));
  }

  private List<String[]> queueRows() {
    return List.of(
        row(
            text(
                "%d JVMs send %,d orders to another one: lost",
                queue.producers(), queue.messages()),
            text("%,d", queue.lost()),
            "0"),
        row("    orders a second", text("%,d", queue.throughputPerSec()), ""),
        row(
            text("    at %,d a second 50 %% are read within", queue.ratePerSec()),
            text("%,d ns", queue.p50Ns()),
            ""),
        row("    99 %", text("%,d ns", queue.p99Ns()), ""),
        row("    99.9 %", text("%,d ns", queue.p999Ns()), ""),
        row(
            "    CPU of the consumer while there are none",
            text("%,.3f %%", queue.idleCpuPercent()),
            text("under %d %%", QueueReport.IDLE_CPU_PERCENT_LIMIT)));
  }

  private static String[] row(String what, String found, String expected) {
    return new String[] {what, found, expected};
  }

  private static String text(String format, Object... figures) {
    return String.format(Locale.ROOT, format, figures);
  }
}
