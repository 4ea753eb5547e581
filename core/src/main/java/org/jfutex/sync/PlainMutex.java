// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;

/**
 * A mutex whose word says whether it is held, not by whom.
 *
 * <pre>
 *   state       value  set by                         cleared by
 *   FREE          0    giving back; the initial state taking
 *   HELD          1    taking without having slept    giving back
 *   CONTENDED     2    who slept or is about to       giving back, which then wakes
 * </pre>
 *
 * <p>A killed owner leaves the word held for ever, and nobody is told.
 *
 * <p>The third mutex of Ulrich Drepper, "Futexes Are Tricky" (2011), section 6; glibc's {@code lll_lock}.
 */
final class PlainMutex extends SharedMutex {
  private static final int FREE = 0;
  private static final int HELD = 1;
  private static final int CONTENDED = 2;

  PlainMutex(MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    super(memory, offset, kind, recovery);
  }

  @Override
  Acquisition tryTake(CurrentThread self) {
    checkOpen();
    if (!compareAndSet(MutexLayout.LOCK, FREE, HELD, MutexLayout.OWNER, self.tid, 1)) {
      return Acquisition.TIMED_OUT;
    }
    startCount();
    return Acquisition.ACQUIRED;
  }

  /**
   * FREE => CONTENDED, and this thread has it; HELD => CONTENDED, and it sleeps.
   *
   * <p>It cannot know whether others sleep, so it takes the word as CONTENDED and giving it back wakes one: at worst
   * once for nothing.
   */
  @Override
  Acquisition take(
      CurrentThread self, boolean amongSleepers, boolean interruptible, long deadline) {
    if (!amongSleepers && spin(self) == Acquisition.ACQUIRED) {
      return Acquisition.ACQUIRED;
    }
    try {
      WaitResult last = WaitResult.WOKEN;
      while (state.getAndSet(CONTENDED) != FREE) {
        if (last == WaitResult.INTERRUPTED) {
          return Acquisition.INTERRUPTED;
        }
        if (last == WaitResult.TIMED_OUT) {
          return Acquisition.TIMED_OUT;
        }
        last = Healing.sleep(state, CONTENDED, interruptible, deadline);
      }
    } catch (ClosedMemoryException e) {
      // This thread may have been woken to take the word; another process can still do so.
      futexes.wake(state, 1);
      throw e;
    }
    enter(self);
    return Acquisition.ACQUIRED;
  }

  /**
   * HELD => FREE; CONTENDED => FREE, and {@link #wakes()} are woken.
   *
   * <p>No wake-up is lost: whoever sleeps wrote CONTENDED before, so an exchange that finds HELD leaves nobody behind;
   * and once it took CONTENDED away nobody falls asleep any more, since the kernel compares the word again.
   */
  @Override
  void giveBack(CurrentThread self) {
    endCount();
    int before = getAndSet(MutexLayout.LOCK, FREE, MutexLayout.OWNER, MutexLayout.NO_OWNER, -1);
    if (before == CONTENDED) {
      futexes.wake(state, wakes());
    }
  }

  @Override
  void decline(CurrentThread self) {
    throw new AssertionError("only a robust mutex tells that its owner died");
  }

  @Override
  boolean addSleepers() {
    state.setVolatile(CONTENDED);
    return true;
  }

  /** A virtual thread has no id to be known by: it may give back what no other thread owns. */
  @Override
  boolean isHeldBy(CurrentThread self) {
    checkOpen();
    return ownerField() == self.tid
        && (self.tid != CurrentThread.NO_TID || getPlain(MutexLayout.LOCK) != FREE);
  }

  @Override
  boolean isInconsistent() {
    return false;
  }

  @Override
  boolean isHeld(int word) {
    return word != FREE;
  }

  @Override
  boolean hasSleepers(int word) {
    return word != FREE && word != HELD;
  }

  @Override
  int ownerTid(int word) {
    return isHeld(word) ? ownerField() : MutexLayout.NO_OWNER;
  }
}
