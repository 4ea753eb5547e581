// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * JVMs that send orders to another one through a ring buffer in a mapped file. That one sleeps when there is nothing to
 * do; who sends rings only if it does.
 */
@Command(
    name = "queue",
    description =
        "JVMs send orders to one that sleeps while there are none: throughput, latency, what idling costs.",
    sortOptions = false)
final class QueueCommand implements Callable<Integer> {
  private static final int MAX_MESSAGES = 1_000_000_000;
  private static final int MAX_PRODUCERS = 32;
  private static final int MAX_RATE = 1_000_000;
  private static final int MAX_PATIENCE_SECONDS = 3_600;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description =
          "Orders to measure the throughput with, 1 to 1000000000 (default ${DEFAULT-VALUE}).")
  private int messages = 2_000_000;

  @Option(
      names = "--producers",
      paramLabel = "P",
      description = "JVMs that send, 1 to 32 (default ${DEFAULT-VALUE}).")
  private int producers = 2;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description =
          "Orders in a second while latencies are measured, 1 to 1000000, of all producers (default ${DEFAULT-VALUE}).")
  private int rate = 5_000;

  @Option(
      names = "--spin",
      description = "For comparison: the consumer polls without a rest and never sleeps.")
  private boolean spin;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Option(
      names = "--drop",
      paramLabel = "N",
      hidden = true,
      description = "The first producer takes its order of this number for sent.")
  private int dropped;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      hidden = true,
      description = "Give up when nothing was received for so long.")
  private int patienceSeconds = 30;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    Bounds.check(command, "--messages", messages, 1, MAX_MESSAGES);
    Bounds.check(command, "--producers", producers, 1, MAX_PRODUCERS);
    Bounds.check(command, "--rate", rate, 1, MAX_RATE);
    Bounds.check(command, "--patience", patienceSeconds, 1, MAX_PATIENCE_SECONDS);
    QueueReport report = measure();
    if (json) {
      Json.print(report);
    } else {
      System.out.printf(
          "%,d orders by %d JVMs to another one that %s: %,d a second%n"
              + "at %,d a second, from due to read: 50 %% within %,d ns, 99 %% %,d ns, 99.9 %% %,d ns%n"
              + "%.3f %% of a CPU while there are none; %,d lost%n",
          report.messages(),
          report.producers(),
          report.spin() ? "spins" : "sleeps",
          report.throughputPerSec(),
          report.ratePerSec(),
          report.p50Ns(),
          report.p99Ns(),
          report.p999Ns(),
          report.idleCpuPercent(),
          report.lost());
    }
    if (!report.ok()) {
      System.err.println("queue: " + report.violation());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /** Runs all phases. */
  QueueReport measure() throws IOException {
    QueuePlan plan = new QueuePlan(messages, producers, rate, spin, dropped);
    long orders = Arrays.stream(QueuePhase.values()).mapToLong(plan::orders).sum();
    try (ScratchFile scratch = ScratchFile.createTemporary(QueueFile.BYTES);
        ProgressBar bar = Progress.bar("queue", orders);
        QueueRun run = new QueueRun(scratch, plan, patienceSeconds, bar)) {
      String failure = null;
      try {
        run.run();
      } catch (ViolationException e) {
        failure = e.getMessage();
      }
      return run.report(failure);
    }
  }
}
