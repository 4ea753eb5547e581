// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** The rounds of {@link CrashCommand}: in each, one worker is killed while it holds the lock, and replaced. */
final class CrashRun implements AutoCloseable {
  /** One holds the lock; of those who wait for it, one gets it and one goes on waiting. */
  static final int WORKERS = 3;

  private final Path path;
  private final CrashFile shared;
  private final LockKind lock;
  private final Histogram recoveries;
  private final ChildJvms workers;
  private final Patience patience;

  /**
   * @param recoveries gets the time of each, from the kill to the next owner
   */
  CrashRun(ScratchFile scratch, LockKind lock, int patienceSeconds, Histogram recoveries)
      throws IOException {
    path = scratch.path();
    shared = new CrashFile(path, WORKERS);
    shared.mutex(lock); // if this system does not offer it, fails here and not in every worker
    this.lock = lock;
    this.recoveries = recoveries;
    workers = new ChildJvms(shared.news()::tell);
    patience = new Patience(shared.news(), workers, patienceSeconds);
  }

  void start() throws IOException, ViolationException {
    for (int worker = 0; worker < WORKERS; worker++) {
      start(worker);
    }
    awaitProgress();
  }

  private void start(int worker) throws IOException {
    workers.start(CrashWorker.class, path, lock, worker);
  }

  /** Returns when the survivors went on, and the new worker with them. */
  void round(int round) throws IOException, ViolationException {
    int victim = round % WORKERS;
    int before = shared.recoveries();
    shared.capture(victim);
    patience.await("worker " + victim + " to hold the lock", () -> shared.captive() != 0);
    shared.captureNobody();

    long killed = System.nanoTime();
    workers.kill(shared.captive());
    patience.await("the next owner of the lock", () -> shared.recoveries() != before);
    recoveries.recordValue(Math.max(0, shared.recoveredAt() - killed));

    start(victim);
    awaitProgress();
  }

  /** Lets the workers end. */
  void end() throws ViolationException {
    shared.stop();
    patience.awaitEnd();
  }

  private void awaitProgress() throws ViolationException {
    long[] before = completed();
    patience.await("every worker to go on", () -> allGrew(before, completed()));
  }

  private long[] completed() {
    long[] completed = new long[WORKERS];
    Arrays.setAll(completed, shared::completed);
    return completed;
  }

  private static boolean allGrew(long[] before, long[] now) {
    for (int worker = 0; worker < WORKERS; worker++) {
      if (now[worker] <= before[worker]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Judges what the workers left.
   *
   * @param failure what ended the run early, or null
   */
  CrashReport report(int rounds, String failure) {
    return CrashReport.of(
        lock,
        rounds,
        shared.recoveries(),
        shared.takenBack(),
        new CrashReport.Updates(
            shared.total(), shared.sumOfShares(), Arrays.stream(completed()).sum()),
        recoveries,
        failure);
  }

  @Override
  public void close() {
    workers.close();
    shared.close();
  }
}
