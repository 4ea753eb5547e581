// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.WaitResult;
import org.jfutex.memory.MappedMemory;

/**
 * What one reader of a {@link SharedReadWriteLock} holds.
 *
 * <p>The count field says how often beyond once the reader holds it.
 *
 * <p>Nobody sleeps on a slot but whoever holds the mutex of the writers: one thread at a time.
 */
final class ReaderSlot extends RobustSlot {
  /** Which one it is, from 0 on. */
  final int index;

  /** From the start of the slot to the word of the writers' mutex. */
  private final int writer;

  ReaderSlot(MappedMemory memory, long offset, int index, int writer) {
    super(memory, offset, MutexKind.RECURSIVE.robust(true));
    this.index = index;
    this.writer = writer;
  }

  /** Whether a writer is inside or waits, or died so. For who holds the slot; from in here the word is nearest. */
  boolean isWriterThere() {
    return getVolatile(writer) != FREE;
  }

  @Override
  Acquisition inherited() {
    setCount(0);
    return super.inherited();
  }

  /** Once less. */
  void giveBackOnce(CurrentThread self) {
    int more = count();
    if (more > 0) {
      setCount(more - 1);
    } else {
      giveBack(self);
    }
  }

  /** How often its owner holds it; 0 if it has none. */
  int holds() {
    return isHeld(state.getVolatile()) ? 1 + Math.max(0, count()) : 0;
  }

  /**
   * Sleeps until nobody holds it. Who comes after that sees that a writer waits, and goes again.
   *
   * @throws DeadlockException if this thread holds it
   */
  Acquisition awaitFree(CurrentThread self, boolean interruptible, long deadline) {
    for (WaitResult last = WaitResult.WOKEN; ; ) {
      int word = state.getVolatile();
      if (!isHeld(word)) {
        return Acquisition.ACQUIRED;
      }
      if (last == WaitResult.INTERRUPTED) {
        return Acquisition.INTERRUPTED;
      }
      if (last == WaitResult.TIMED_OUT || deadline == SharedReadWriteLock.AT_ONCE) {
        return Acquisition.TIMED_OUT;
      }
      if (ownerTid(word) == self.tid) {
        throw new DeadlockException(
            "this thread reads, so it cannot wait until nobody does; give the read lock back first: "
                + this);
      }
      int marked = markForSleep();
      if (marked != FREE) {
        last = Healing.sleep(state, marked, interruptible, deadline);
      }
    }
  }
}
