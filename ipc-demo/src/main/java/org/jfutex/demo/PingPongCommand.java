// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jfutex.futex.Deadline;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Two JVMs, this one and a {@link PongWorker}, take turns; each sleeps until the other wakes it. Then one lets the
 * other sleep for a while and asks what that cost.
 */
@Command(
    name = "pingpong",
    description =
        "Two JVMs take turns, each asleep until the other wakes it: latency, and CPU time of a sleeper.",
    sortOptions = false)
final class PingPongCommand implements Callable<Integer> {
  /** How long the ponger is left asleep. */
  static final int SLEEP_MILLIS = 1_000;

  static final int DEFAULT_ROUNDS = 50_000;

  private static final int MAX_ROUNDS = 100_000_000;

  /** Until both sides are compiled; by then the figures of a run no longer change. */
  private static final int WARM_UP_ROUNDS = 10_000;

  private static final int SIGNIFICANT_DIGITS = 3;

  /** For the start of a JVM, or for ever so slow a machine. */
  private static final long PATIENCE_SECONDS = 30;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Round trips to measure, 1 to 100000000 (default ${DEFAULT-VALUE}).")
  private int rounds = DEFAULT_ROUNDS;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    Bounds.check(command, "--rounds", rounds, 1, MAX_ROUNDS);
    PingPongReport report = measure();
    if (json) {
      Json.print(report);
    } else {
      System.out.printf(
          "%,d round trips: 50 %% within %,d ns, 99 %% %,d ns, 99.9 %% %,d ns%n",
          report.rounds(), report.p50Ns(), report.p99Ns(), report.p999Ns());
      if (report.waiterCpuMs() != null) {
        System.out.printf(
            "%.3f ms of CPU time for a waiter that slept %,d ms%n",
            report.waiterCpuMs(), SLEEP_MILLIS);
      }
    }
    if (!report.ok()) {
      System.err.println("pingpong: " + report.violation());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /** Starts the ponger, warms up, measures, and lets it sleep. */
  PingPongReport measure() throws IOException {
    Histogram roundTrips = new Histogram(SIGNIFICANT_DIGITS);
    Long waiterCpuNanos = null;
    String failure = null;
    try (ScratchFile scratch = ScratchFile.createTemporary(PingPongFile.BYTES)) {
      PingPongFile shared = new PingPongFile(scratch.memory());
      try (ChildJvms ponger = new ChildJvms(() -> shared.pong(PingPongFile.GONE))) {
        int total = WARM_UP_ROUNDS + rounds;
        ponger.start(PongWorker.class, scratch.path(), total);
        for (int round = 1; round <= total; round++) {
          long start = System.nanoTime();
          roundTrip(shared, round, ponger);
          if (round > WARM_UP_ROUNDS) {
            roundTrips.recordValue(System.nanoTime() - start);
          }
        }
        letSleep(shared, total, ponger);
        roundTrip(shared, total + 1, ponger);
        waiterCpuNanos = shared.cpuNanos();
        ponger.awaitEnd(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (ViolationException e) {
        failure = e.getMessage();
      }
    }
    return PingPongReport.of(rounds, roundTrips, waiterCpuNanos, failure);
  }

  private static void roundTrip(PingPongFile shared, int round, ChildJvms ponger)
      throws ViolationException {
    shared.ping(round);
    long deadline = Deadline.after(PATIENCE_SECONDS, TimeUnit.SECONDS);
    checkPong(shared.awaitPongAfter(round - 1, deadline), round, ponger);
  }

  /** No ping, hence no pong: this side sleeps as well, and would notice the other one's end. */
  private static void letSleep(PingPongFile shared, int round, ChildJvms ponger)
      throws ViolationException {
    long deadline = Deadline.after(SLEEP_MILLIS, TimeUnit.MILLISECONDS);
    checkPong(shared.awaitPongAfter(round, deadline), round, ponger);
  }

  private static void checkPong(int found, int expected, ChildJvms ponger)
      throws ViolationException {
    if (found != expected) {
      ponger.checkNoneFailed();
      throw new ViolationException(
          "found pong " + found + " within " + PATIENCE_SECONDS + " s, expected pong " + expected);
    }
  }
}
