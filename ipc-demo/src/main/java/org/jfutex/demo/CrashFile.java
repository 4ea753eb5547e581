// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.nio.ByteBuffer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedMutex;

/**
 * What the processes of {@link CrashCommand} share: a total and the shares it is the sum of, and words to bring a
 * worker to its end at the worst moment.
 *
 * <pre>
 *     0 +------------------------------------------------------------------+
 *       | lock        guards what is marked *                              |
 *    64 +------------------------------------------------------------------+
 *       | stop        u32  1: workers end                                  |
 *       | victim      u32  worker that is to stay in its next update, + 1  |
 *   128 +------------------------------------------------------------------+
 *       | news        u32  changes with each of the next two, and when a   |
 *       |                  worker died: the parent's word                  |
 *       | captive     u32  process that holds the lock until it is killed  |
 *       | recoveries  u32  how often an owner was found dead               |
 *       | unused      u32                                                  |
 *       | recovered   i64  when the last recovery began, nanoTime()        |
 *   192 +------------------------------------------------------------------+
 *       | total       i64  * sum of all shares                             |
 *       | taken back  i64  * updates that the dead left half-done          |
 *   256 +------------------------------------------------------------------+
 *       | share       i64  * updates of worker 0                           |
 *       | completed   i64  what worker 0 says itself                       |
 *   320 +------------------------------------------------------------------+
 *       | share ...        of worker 1                                     |
 *       +------------------------------------------------------------------+
 * </pre>
 */
final class CrashFile {
  private static final int CACHE_LINE = 64;
  private static final int LOCK = 0;
  private static final int STOP = LOCK + CACHE_LINE;
  private static final int VICTIM = STOP + FutexWord.BYTES;
  private static final int NEWS = STOP + CACHE_LINE;
  private static final int CAPTIVE = NEWS + FutexWord.BYTES;
  private static final int RECOVERIES = CAPTIVE + FutexWord.BYTES;
  private static final int UNUSED = RECOVERIES + FutexWord.BYTES;
  private static final int RECOVERED = UNUSED + FutexWord.BYTES;
  private static final int TOTAL = NEWS + CACHE_LINE;
  private static final int TAKEN_BACK = TOTAL + Long.BYTES;
  private static final int SHARES = TOTAL + CACHE_LINE;
  private static final int COMPLETED = Long.BYTES; // after the share

  private static final int NOBODY = 0;
  private static final int YES = 1;

  private final FutexManager futexes = FutexManager.system();
  private final MappedMemory memory;
  private final ByteBuffer data;
  private final int workers;
  private final FutexWord stop;
  private final FutexWord victim;
  private final News news;
  private final FutexWord captive;
  private final FutexWord recoveries;

  CrashFile(MappedMemory memory) {
    this.memory = memory;
    data = memory.buffer();
    workers = (int) (memory.size() - SHARES) / CACHE_LINE;
    stop = memory.word(STOP);
    victim = memory.word(VICTIM);
    news = new News(memory.word(NEWS));
    captive = memory.word(CAPTIVE);
    recoveries = memory.word(RECOVERIES);
  }

  static long bytes(int workers) {
    return SHARES + (long) workers * CACHE_LINE;
  }

  SharedMutex mutex(LockKind kind) {
    return kind.mutexAt(memory, LOCK);
  }

  private static int share(int worker) {
    return SHARES + worker * CACHE_LINE;
  }

  private void add(int field, long delta) {
    data.putLong(field, data.getLong(field) + delta);
  }

  /** Under the lock: two steps that belong together. */
  void update(int worker) {
    add(TOTAL, 1);
    stayIfAsked(worker); // who is killed here leaves a total that is no sum
    add(share(worker), 1);
  }

  /**
   * Under the lock, after its owner died: takes back what that one left half-done. It does not matter how far it came,
   * nor if this one is killed too and the next one begins again: the shares are always right, and the total follows.
   */
  void repair() {
    long sum = sumOfShares();
    add(TAKEN_BACK, total() - sum);
    data.putLong(TOTAL, sum);
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
    add(share(worker) + COMPLETED, 1);
  }

  /**
   * A worker found the owner dead, and repaired.
   *
   * @param when it held the lock; nanoTime() is the same clock for all processes of a Linux machine
   */
  void recovered(long when) {
    data.putLong(RECOVERED, when);
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
    return data.getLong(RECOVERED);
  }

  long total() {
    return data.getLong(TOTAL);
  }

  long takenBack() {
    return data.getLong(TAKEN_BACK);
  }

  long sumOfShares() {
    long sum = 0;
    for (int worker = 0; worker < workers; worker++) {
      sum += data.getLong(share(worker));
    }
    return sum;
  }

  long completed(int worker) {
    return data.getLong(share(worker) + COMPLETED);
  }
}
