// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Several JVMs update what they share under a robust lock, and one after the other is killed in the middle of an
 * update. Each time another must get the lock, be told, and repair; then all go on.
 */
@Command(
    name = "crash",
    description =
        "Kills (SIGKILL) one JVM a round while it holds the lock; the others must repair and go on.",
    sortOptions = false)
final class CrashCommand implements Callable<Integer> {
  private static final int MAX_ROUNDS = 10_000;
  private static final int MAX_PATIENCE_SECONDS = 3_600;
  private static final int SIGNIFICANT_DIGITS = 3;

  @Option(
      names = "--lock",
      paramLabel = "KIND",
      converter = LockKind.Robust.class,
      completionCandidates = LockKind.Robust.class,
      description = "One of ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private LockKind lock = LockKind.ROBUST;

  @Option(
      names = "--rounds",
      paramLabel = "R",
      description = "JVMs to kill, one after the other, 1 to 10000 (default ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      hidden = true,
      description = "Give up when something took so long.")
  private int patienceSeconds = 30;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    Bounds.check(command, "--rounds", rounds, 1, MAX_ROUNDS);
    Bounds.check(command, "--patience", patienceSeconds, 1, MAX_PATIENCE_SECONDS);
    CrashReport report = measure();
    if (json) {
      Json.print(report.asMap());
    } else {
      System.out.printf(
          "%d JVMs killed while they held the lock, %d recoveries: %d JVMs at a time, lock %s%n"
              + "%,d updates found, %,d expected%n"
              + "from the kill to the next owner: 50 %% within %,d ns, 99 %% %,d ns%n",
          report.rounds(),
          report.recovered(),
          CrashRun.WORKERS,
          report.lock(),
          report.updates().total(),
          report.updates().completed(),
          report.recoveryP50Ns(),
          report.recoveryP99Ns());
    }
    if (!report.ok()) {
      System.err.println("crash: " + report.violation());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /** Starts the workers, kills one a round, lets the last ones end, and looks at what they left. */
  CrashReport measure() throws IOException {
    Histogram recoveries = new Histogram(SIGNIFICANT_DIGITS);
    try (ScratchFile scratch = ScratchFile.createTemporary(CrashFile.BYTES);
        ProgressBar bar = Progress.bar("crash", rounds);
        CrashRun run = new CrashRun(scratch, lock, patienceSeconds, recoveries)) {
      String failure = null;
      try {
        run.start();
        for (int round = 0; round < rounds; round++) {
          run.round(round);
          bar.step();
        }
        run.end();
      } catch (ViolationException e) {
        failure = e.getMessage();
      }
      return run.report(rounds, failure);
    }
  }
}
