// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * How the word of a mutex is taken and given back: one half of its kind. The other half, what happens when the owner
 * takes it again, is {@link SharedMutex}'s; nothing in here knows more of it than what the count field holds.
 *
 * <p>Beside the word it keeps glibc's bookkeeping, see {@link MutexLayout}.
 */
abstract sealed class WordProtocol extends Slot permits SharedMutex {
  private static final int WAKES_A_CPU = 4;
  private static final int CPUS_MAX = 4;

  /** See {@link #wakes}. Of more CPUs, too, no more: only one at a time gets in. */
  static final int SEVERAL = WAKES_A_CPU * Math.min(Spin.CPUS, CPUS_MAX);

  final FutexWord state;
  final FutexManager futexes = FutexManager.system();
  private final boolean counts;
  final boolean recursive;
  private final Spin spin = new Spin();

  /**
   * How many sleepers giving it back wakes: one, but a few for each CPU the first time after all sleepers of a
   * condition were moved here. One by one they would wait for each other's wake-up while CPUs are idle; all at once
   * they would meet here, and most go to sleep again. Set by the owner, read and reset by who has just been it: a race
   * only blurs it.
   */
  private int wakes = 1;

  WordProtocol(MappedMemory memory, long offset, MutexKind kind) {
    super(memory, offset, MutexLayout.BYTES);
    state = memory.word(offset + MutexLayout.LOCK);
    counts = kind.counts();
    recursive = kind.again() == MutexKind.Again.RECURSIVE;
  }

  /** Takes the word if it is free, or its owner died; TIMED_OUT if it is held. */
  abstract Acquisition tryTake(CurrentThread self);

  /**
   * Takes the word, sleeping while it is held.
   *
   * @param amongSleepers others may sleep whom nobody else will wake: take it so that giving it back wakes one
   */
  abstract Acquisition take(
      CurrentThread self, boolean amongSleepers, boolean interruptible, long deadline);

  /** Gives the word back, and wakes {@link #wakes()} who sleep; what is still inconsistent becomes not recoverable. */
  abstract void giveBack(CurrentThread self);

  /** Gives the word back as if this thread had died. */
  abstract void decline(CurrentThread self);

  /**
   * Notes in the word, which this thread holds, that sleepers are about to be requeued to it.
   *
   * @return false if they cannot be, since they are to queue for it in the kernel themselves
   */
  abstract boolean addSleepers();

  abstract boolean isHeldBy(CurrentThread self);

  /** Whether the owner before died, and this one, the calling thread, has not said that the data are whole again. */
  abstract boolean isInconsistent();

  abstract boolean isHeld(int word);

  abstract boolean hasSleepers(int word);

  /** The thread that holds the word, or 0. */
  abstract int ownerTid(int word);

  /** All sleepers of a condition were moved here by this thread, which holds it. */
  final void wakeSeveral() {
    wakes = SEVERAL;
  }

  /** For who has just given it back and is to wake somebody. */
  final int wakes() {
    int now = wakes;
    if (now != 1) {
      wakes = 1;
    }
    return now;
  }

  /** This thread is about to sleep on another word, from where it may be requeued to this one; it takes it then. */
  void beginSleep(CurrentThread self) {}

  /** Instead of taking it. */
  void endSleep(CurrentThread self) {}

  final int ownerField() {
    return getPlain(MutexLayout.OWNER);
  }

  final void setOwner(int owner) {
    setPlain(MutexLayout.OWNER, owner);
  }

  final int count() {
    return getPlain(MutexLayout.COUNT);
  }

  final void setCount(int count) {
    setPlain(MutexLayout.COUNT, count);
  }

  /** Notes the new owner, and one user more; false, and nothing is noted, if the mutex is not recoverable. */
  boolean enter(CurrentThread self) {
    long ownerAndUsers = getLongPlain(MutexLayout.OWNER);
    if ((int) ownerAndUsers == MutexLayout.OWNER_NOT_RECOVERABLE) {
      return false;
    }
    startCount();
    setLongPlain(MutexLayout.OWNER, withHalves(ownerAndUsers, self.tid, 1));
    return true;
  }

  final void startCount() {
    if (counts) {
      setCount(1);
    }
  }

  /** The owner before died: it stays counted as the user, and until it is made consistent nobody is the owner. */
  Acquisition inherited() {
    setCount(1);
    setOwner(MutexLayout.OWNER_INCONSISTENT);
    return Acquisition.OWNER_DIED;
  }

  /**
   * Notes one user less, and no owner; or, where the owner before died and this one did not say that the data are whole
   * again, that the mutex is not recoverable. Nothing can refuse any more that the word is given back, and nobody else
   * has it yet.
   */
  void leave() {
    endCount();
    long ownerAndUsers = getLongPlain(MutexLayout.OWNER);
    int left =
        (int) ownerAndUsers == MutexLayout.OWNER_INCONSISTENT
            ? MutexLayout.OWNER_NOT_RECOVERABLE
            : MutexLayout.NO_OWNER;
    setLongPlain(MutexLayout.OWNER, withHalves(ownerAndUsers, left, -1));
  }

  final void endCount() {
    if (recursive) {
      setCount(0);
    }
  }

  boolean isRecoverable() {
    return ownerField() != MutexLayout.OWNER_NOT_RECOVERABLE;
  }

  final NotRecoverableException notRecoverable() {
    return new NotRecoverableException(
        "the mutex at "
            + state
            + ": its owner died, and the next one did not make it consistent. Make the data anew, and the mutex");
  }

  /** Waits a moment, awake, for an owner who is about to give the word back, unless others sleep already. */
  final Acquisition spin(CurrentThread self) {
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      int word = state.getVolatile();
      if (hasSleepers(word)) {
        return Acquisition.TIMED_OUT;
      }
      Acquisition result = isHeld(word) ? Acquisition.TIMED_OUT : tryTake(self);
      if (result != Acquisition.TIMED_OUT) {
        spin.helped(limit);
        return result;
      }
    }
    spin.wasInVain(limit);
    return Acquisition.TIMED_OUT;
  }
}
