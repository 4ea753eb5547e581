// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Several JVMs transfer money between accounts that Chronicle maps, and one after the other is killed in the middle of
 * a transfer. Each time the next owner of the mutex rolls back; at the end every transfer was done, and done once.
 */
@Command(
    name = "ledger",
    description =
        "Kills (SIGKILL) JVMs in the middle of transfers between mapped accounts; no money may come or go.",
    sortOptions = false)
final class LedgerCommand implements Callable<Integer> {
  private static final int MAX_TRANSFERS = 1_000_000_000;
  private static final int MAX_KILLS = 100_000;
  private static final int MAX_PATIENCE_SECONDS = 3_600;

  @Option(
      names = "--processes",
      paramLabel = "N",
      description = "JVMs at a time, 1 to 1000 (default ${DEFAULT-VALUE}).")
  private int processes = 3;

  @Option(
      names = "--transfers",
      paramLabel = "M",
      description = "Transfers that they do together, 1 to 10^9 (default ${DEFAULT-VALUE}).")
  private int transfers = 20_000;

  @Option(
      names = "--kills",
      paramLabel = "K",
      description = "JVMs to kill, one after the other, 0 to 100000 (default ${DEFAULT-VALUE}).")
  private int kills = 5;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      hidden = true,
      description = "Give up when something took so long.")
  private int patienceSeconds = 60;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    Bounds.check(command, "--processes", processes, 1, LedgerFile.WORKERS_MAX);
    Bounds.check(command, "--transfers", transfers, 1, MAX_TRANSFERS);
    Bounds.check(command, "--kills", kills, 0, MAX_KILLS);
    Bounds.check(command, "--patience", patienceSeconds, 1, MAX_PATIENCE_SECONDS);
    LedgerReport report = measure();
    if (json) {
      Json.print(report.asMap());
    } else {
      System.out.printf(
          "%d JVMs killed in the middle of a transfer, %d recoveries: %d JVMs at a time%n"
              + "%,d transfers done, %,d expected; sum of all accounts %,d before, %,d after%n",
          report.kills(),
          report.recoveries(),
          report.processes(),
          report.done(),
          report.transfers(),
          report.sumBefore(),
          report.sumAfter());
    }
    if (!report.ok()) {
      System.err.println("ledger: " + report.violation());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /** Starts the workers, kills one after the other, lets the last ones end, and looks at what they left. */
  LedgerReport measure() throws IOException {
    try (ScratchFile scratch = ScratchFile.createTemporary(LedgerFile.BYTES);
        ProgressBar bar = Progress.bar("ledger", kills);
        LedgerRun run = new LedgerRun(scratch, processes, transfers, patienceSeconds)) {
      String failure = null;
      try {
        run.start();
        for (int round = 0; round < kills; round++) {
          run.kill(round);
          bar.step();
        }
        run.end();
      } catch (ViolationException e) {
        failure = e.getMessage();
      }
      return run.report(kills, failure);
    }
  }
}
