// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** The rounds of {@link LedgerCommand}: in each, one worker is killed in the middle of a transfer, and replaced. */
final class LedgerRun implements AutoCloseable {
  /** Long enough for some hundred transfers, so the kill meets any instruction of one. */
  private static final long LIFE_NANOS_MAX = 200_000;

  private final Path path;
  private final LedgerFile shared;
  private final Ledger ledger;
  private final int processes;
  private final long transfers;
  private final ChildJvms workers;
  private final Patience patience;
  private final long[] pids;
  private final long sumBefore;

  LedgerRun(ScratchFile scratch, int processes, long transfers, int patienceSeconds)
      throws IOException {
    path = scratch.path();
    shared = new LedgerFile(path);
    ledger = shared.ledger();
    this.processes = processes;
    this.transfers = transfers;
    workers = new ChildJvms(shared.news()::tell);
    patience = new Patience(shared.news(), workers, patienceSeconds);
    pids = new long[processes];
    ledger.open();
    sumBefore = ledger.sum();
  }

  void start() throws IOException {
    for (int worker = 0; worker < processes; worker++) {
      start(worker);
    }
  }

  private void start(int worker) throws IOException {
    pids[worker] = workers.start(LedgerWorker.class, path, worker, part(worker));
  }

  /** How many transfers a worker has to do: all have as many, but for the rest. */
  private long part(int worker) {
    return transfers / processes + (worker < transfers % processes ? 1 : 0);
  }

  /** Returns when another has rolled back what the killed one left, and nothing is amiss. */
  void kill(int round) throws IOException, ViolationException {
    int victim = round % processes; // the one that was started first has started by now
    long before = ledger.recoveries();
    shared.capture(victim);
    patience.await("worker " + victim + " to hold the mutex", shared::hasCaptive);
    shared.captureNobody();

    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LIFE_NANOS_MAX));
    workers.kill(pids[victim]);
    start(victim);
    patience.await("the next owner of the mutex", () -> ledger.recoveries() != before);

    long sum = lockedSum();
    if (sum != sumBefore) {
      throw new ViolationException(
          "found a sum of " + sum + " after kill " + (round + 1) + ", expected " + sumBefore);
    }
  }

  private long lockedSum() {
    ledger.mutex().lock();
    try {
      return ledger.sum();
    } finally {
      ledger.mutex().unlock();
    }
  }

  /** Lets the workers do what is left, and end. */
  void end() throws ViolationException {
    shared.stop();
    for (long done = done(); done < transfers; done = done()) {
      long before = done;
      patience.await("the next transfer", () -> done() != before);
    }
    patience.awaitEnd();
  }

  /**
   * Judges what the workers left.
   *
   * @param failure what ended the run early, or null
   */
  LedgerReport report(int kills, String failure) {
    return LedgerReport.of(
        processes,
        transfers,
        done(),
        kills,
        ledger.recoveries(),
        sumBefore,
        ledger.sum(),
        wrongAccounts(),
        failure);
  }

  private long done() {
    return IntStream.range(0, processes).mapToLong(ledger::transfersOf).sum();
  }

  /** Whose balance is not the one that all the transfers make, each done once. */
  private int wrongAccounts() {
    long[] balances = new long[Ledger.ACCOUNTS];
    Arrays.fill(balances, Ledger.OPENING_BALANCE);
    for (int worker = 0; worker < processes; worker++) {
      for (long number = 0; number < part(worker); number++) {
        Transfer transfer = Transfer.of(worker, number);
        balances[transfer.from()] -= transfer.amount();
        balances[transfer.to()] += transfer.amount();
      }
    }
    return (int)
        IntStream.range(0, Ledger.ACCOUNTS)
            .filter(account -> ledger.balanceOf(account) != balances[account])
            .count();
  }

  @Override
  public void close() {
    workers.close();
    shared.close();
  }
}
