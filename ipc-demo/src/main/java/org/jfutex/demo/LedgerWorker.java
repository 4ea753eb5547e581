// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** One process of {@link LedgerCommand}: does its part of the transfers, from where its predecessor was killed. */
final class LedgerWorker {
  /** Without the mutex; and the JVM that is started for the killed one finds a CPU. */
  private static final long OTHER_WORK_NANOS = 20_000;

  private LedgerWorker() {}

  /**
   * @param args file, number of this worker, how many transfers are its part
   */
  public static void main(String... args) throws IOException {
    ChildJvms.endWithParent();
    int worker = Integer.parseInt(args[1]);
    long part = Long.parseLong(args[2]);

    try (LedgerFile file = new LedgerFile(Path.of(args[0]))) {
      Ledger ledger = file.ledger();
      boolean done = false;
      while (!done || !file.isStopped()) {
        ledger.mutex().lock(); // rolls back what a dead owner left half-done
        try {
          if (file.isVictim(worker)) {
            transferUntilKilled(file, Transfer.of(worker, part));
          }
          long number = ledger.transfersOf(worker);
          done = number >= part;
          if (!done) {
            ledger.apply(Transfer.of(worker, number));
          }
        } finally {
          ledger.mutex().unlock();
        }
        LockSupport.parkNanos(OTHER_WORK_NANOS);
      }
    }
  }

  /** Holding the mutex: so it is killed at any instruction of a transfer, or of a roll-back. */
  private static void transferUntilKilled(LedgerFile file, Transfer transfer) {
    file.tellCaptive();
    while (true) {
      file.ledger().applyAndTakeBack(transfer);
    }
  }
}
