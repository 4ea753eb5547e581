// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.region.SharedRegion;
import org.jfutex.sync.SharedMutex;

/**
 * What the processes of {@link CrashCommand} share, by name: a total and the shares it is the sum of, and words to
 * bring a worker to its end at the worst moment.
 *
 * <pre>
 *   lock         guards what is marked *
 *   stop         1: workers end
 *   victim       worker that is to stay in its next update, + 1
 *   news         changes with each of the next two, and when a worker died: the parent's word
 *   captive      process that holds the lock until it is killed
 *   recoveries   how often an owner was found dead
 *   recovered    i64  when the last recovery began, nanoTime()
 *   totals       i64  * sum of all shares; i64 * updates that the dead left half-done
 *   worker 0 ..  i64  * its updates; i64 what it says itself
 * </pre>
 */
final class CrashFile implements AutoCloseable {
  static final long BYTES = 8192;

  private static final int TOTAL = 0;
  private static final int TAKEN_BACK = TOTAL + Long.BYTES;
  private static final int SHARE = 0;
  private static final int COMPLETED = SHARE + Long.BYTES;

  private static final int NOBODY = 0;
  private static final int YES = 1;

  private final FutexManager futexes = FutexManager.system();
  private final SharedRegion region;
  private final FutexWord stop;
  private final FutexWord victim;
  private final News news;
  private final FutexWord captive;
  private final FutexWord recoveries;
  private final ByteBuffer recovered;
  private final ByteBuffer totals;
  private final ByteBuffer[] workers;

  CrashFile(Path path, int workers) throws IOException {
    region = SharedRegion.open(path, BYTES);
    stop = region.word("stop");
    victim = region.word("victim");
    news = new News(region.word("news"));
    captive = region.word("captive");
    recoveries = region.word("recoveries");
    recovered = region.bytes("recovered", Long.BYTES);
    totals = region.bytes("totals", 2 * Long.BYTES);
    this.workers = new ByteBuffer[workers];
    Arrays.setAll(this.workers, worker -> region.bytes("worker " + worker, 2 * Long.BYTES));
  }

  SharedMutex mutex(LockKind kind) {
    return kind.mutexOf(region, "lock");
  }

  private static void add(ByteBuffer to, int field, long delta) {
    to.putLong(field, to.getLong(field) + delta);
  }

  /** Under the lock: two steps that belong together. */
  void update(int worker) {
    add(totals, TOTAL, 1);
    stayIfAsked(worker); // who is killed here leaves a total that is no sum
    add(workers[worker], SHARE, 1);
  }

  /**
   * Under the lock, after its owner died: takes back what that one left half-done. It does not matter how far it came,
   * nor if this one is killed too and the next one begins again: the shares are always right, and the total follows.
   */
  void repair() {
    long sum = sumOfShares();
    add(totals, TAKEN_BACK, total() - sum);
    totals.putLong(TOTAL, sum);
  }

  private void stayIfAsked(int worker) {
    if (victim.getVolatile() != worker + 1) {
      return;
    }
    int self = (int) ProcessHandle.current().pid();
    captive.setVolatile(self);
    news.tell();
    while (true) {
      futexes.wait(captive, self);
    }
  }

  /** A worker unlocked again: what it knows to be done. */
  void complete(int worker) {
    add(workers[worker], COMPLETED, 1);
  }

  /**
   * A worker found the owner dead, and repaired.
   *
   * @param when it held the lock; nanoTime() is the same clock for all processes of a Linux machine
   */
  void recovered(long when) {
    recovered.putLong(0, when);
    recoveries.getAndAdd(1);
    news.tell();
  }

  boolean isStopped() {
    return stop.getVolatile() != 0;
  }

  /** The parent lets all workers end. */
  void stop() {
    stop.setVolatile(YES);
  }

  /** The parent asks a worker to stay in its next update, holding the lock. */
  void capture(int worker) {
    captive.setVolatile(NOBODY);
    victim.setVolatile(worker + 1);
  }

  /** The one that stays there, by its process id; 0 until it does. */
  int captive() {
    return captive.getVolatile();
  }

  /** To be called before there is another worker of this number. */
  void captureNobody() {
    victim.setVolatile(NOBODY);
  }

  /** What the parent sleeps on. */
  News news() {
    return news;
  }

  int recoveries() {
    return recoveries.getVolatile();
  }

  /** Of the last recovery that {@link #recoveries()} counted. */
  long recoveredAt() {
    return recovered.getLong(0);
  }

  long total() {
    return totals.getLong(TOTAL);
  }

  long takenBack() {
    return totals.getLong(TAKEN_BACK);
  }

  long sumOfShares() {
    return Arrays.stream(workers).mapToLong(worker -> worker.getLong(SHARE)).sum();
  }

  long completed(int worker) {
    return workers[worker].getLong(COMPLETED);
  }

  @Override
  public void close() {
    region.close();
  }
}
