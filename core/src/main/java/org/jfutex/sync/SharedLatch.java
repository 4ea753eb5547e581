// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Opens once, when it was counted down so many times, and lets everybody go on from then on: a {@link CountDownLatch}
 * for threads of several processes.
 *
 * <pre>
 *   0  arrived  bits 0-30  how often it was counted down   countDown(), until it is open
 *               bit 31     WAITERS: wake                   set by who is about to sleep; cleared by who opens it
 *   4  count    u32        how often it has to be          written once, by who comes first
 * </pre>
 *
 * <p>It is open when arrived has reached count; nothing shuts it again, so the next time needs another latch.
 *
 * <p>Memory: what happens before {@code countDown} happens before an {@code await} that returns since it is open, in
 * any process.
 *
 * <p>Who is killed before counting down leaves it shut, and nobody is told: wait for a time. A wake-up that died with
 * its waker is made up for within the healing period.
 *
 * <p>All-zero bytes are a latch that nobody has made yet.
 */
public final class SharedLatch extends Gate {
  /** What a latch takes of the memory. */
  public static final int BYTES = 8;

  /** How often a latch can be counted down. */
  public static final int COUNT_MAX = Integer.MAX_VALUE;

  private static final int COUNT = 4;
  private static final int ARRIVED = Integer.MAX_VALUE; // the bits that count
  private static final int WAITERS = 1 << 31;
  private static final int ALL_BITS = -1;

  private final int count;

  private SharedLatch(FutexWord arrived, int count) {
    super(arrived, BYTES, WAITERS);
    if (count < 1) {
      throw new IllegalArgumentException("count " + count + ", expected 1 to " + COUNT_MAX);
    }
    agree(COUNT, ALL_BITS, count, "count");
    this.count = count;
  }

  /**
   * The latch at an offset, shared with all who map the file; zeros become one that was not counted down yet.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @param count how often it has to be counted down: at least 1, since 0 is what nobody has made yet
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory, or has another count
   */
  public static SharedLatch at(MappedMemory memory, long offset, int count) {
    return at(Objects.requireNonNull(memory, "memory").word(offset), count);
  }

  /** The latch that begins at a word; at a private one it is for threads of this JVM. */
  public static SharedLatch at(FutexWord word, int count) {
    return new SharedLatch(word, count);
  }

  /**
   * Counts down, and if that opens the latch wakes all who wait. Of an open one nothing changes.
   *
   * <p>No wake-up is lost: who sleeps noted WAITERS while the latch was shut, and who opens it takes WAITERS away by
   * the same compare-and-set. One that counts down changes the word as well, but wakes nobody.
   */
  public void countDown() {
    checkOpen();
    int word = getVolatile(STATE);
    while (!isOpen(word)) {
      int next = word + 1;
      if (compareAndSet(STATE, word, isOpen(next) ? next & ~WAITERS : next)) {
        if (isOpen(next) && hasWaiters(word)) {
          futexes.wake(state, FutexManager.ALL);
        }
        return;
      }
      word = getVolatile(STATE);
    }
  }

  /** How often it is still to be counted down; 0 if it is open. */
  public long getCount() {
    checkOpen();
    return left(getVolatile(STATE));
  }

  private int left(int word) {
    return Math.max(0, count - (word & ARRIVED));
  }

  private boolean isOpen(int word) {
    return left(word) == 0;
  }

  @Override
  boolean isOpen(int word, int came) {
    return isOpen(word);
  }

  @Override
  String name() {
    return "latch";
  }

  @Override
  String describe(int word) {
    return isOpen(word) ? "open" : "shut, " + left(word) + " of " + count + " to go";
  }
}
