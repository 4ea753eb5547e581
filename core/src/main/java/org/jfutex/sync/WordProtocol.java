// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * How the word of a mutex is taken and given back: one half of its kind. The other half, what happens when the owner
 * takes it again, is {@link SharedMutex}'s; no protocol knows more of it than what the count field holds.
 *
 * <p>Beside the word it keeps glibc's bookkeeping, see {@link MutexLayout}.
 */
abstract sealed class WordProtocol extends Slot permits PlainProtocol, OwnedProtocol {
  /**
   * How long to spin before sleeping: at most 100 looks. A look costs a pause, 10 to 50 ns by machine, so the most is 1
   * to 5 us, which a critical section of some lines outlasts rarely; to sleep and be woken costs 50 us across CPUs.
   * With one CPU the owner cannot run while others spin.
   */
  private static final int SPINS_MAX = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;

  /** What a spin may exceed the running average by, so that the average can grow. */
  private static final int SPINS_MARGIN = 10;

  /** The weight of the last spin in the average: 1/8, as glibc's adaptive mutex. */
  private static final int SPINS_WEIGHT_SHIFT = 3;

  final FutexWord state;
  final FutexManager futexes = FutexManager.system();
  private final boolean counts;
  private final boolean recursive;
  private int spins; // how many were needed lately; a race only blurs it

  WordProtocol(MappedMemory memory, long offset, MutexKind kind) {
    super(memory, offset, MutexLayout.BYTES);
    state = memory.word(offset + MutexLayout.LOCK);
    counts = kind.counts();
    recursive = kind.again() == MutexKind.Again.RECURSIVE;
  }

  static WordProtocol of(MutexKind kind, MappedMemory memory, long offset) {
    if (kind.priorityInheritance()) {
      return new PiProtocol(memory, offset, kind);
    }
    return kind.robust()
        ? new RobustProtocol(memory, offset, kind)
        : new PlainProtocol(memory, offset, kind);
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

  /**
   * Gives the word back and wakes one who sleeps.
   *
   * @param lastOwner what the owner field keeps
   */
  abstract void giveBack(CurrentThread self, int lastOwner);

  /** Gives the word back as if this thread had died. */
  abstract void decline(CurrentThread self);

  /**
   * Notes in the word, which this thread holds, that sleepers are about to be requeued to it.
   *
   * @return false if they cannot be, since they are to queue for it in the kernel themselves
   */
  abstract boolean addSleepers();

  abstract boolean isHeldBy(CurrentThread self);

  abstract boolean isHeld(int word);

  abstract boolean hasSleepers(int word);

  /** The thread that holds the word, or 0. */
  abstract int ownerTid(int word);

  /** This thread is about to sleep on another word, from where it may be requeued to this one; it takes it then. */
  void beginSleep(CurrentThread self) {}

  /** Instead of taking it. */
  void endSleep(CurrentThread self) {}

  final int owner() {
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

  final Acquisition taken(CurrentThread self) {
    if (counts) {
      setCount(1);
    }
    setOwner(self.tid);
    setPlain(MutexLayout.NUSERS, getPlain(MutexLayout.NUSERS) + 1);
    return Acquisition.ACQUIRED;
  }

  /** The owner before died: it stays counted as the user, and until it is made consistent nobody is the owner. */
  final Acquisition inherited() {
    setCount(1);
    setOwner(MutexLayout.OWNER_INCONSISTENT);
    return Acquisition.OWNER_DIED;
  }

  /** Nothing can refuse that the word is given back any more, and nobody else has it yet. */
  final void leaving(int lastOwner) {
    if (recursive) {
      setCount(0);
    }
    setOwner(lastOwner);
    setPlain(MutexLayout.NUSERS, getPlain(MutexLayout.NUSERS) - 1);
  }

  final boolean isRecoverable() {
    return owner() != MutexLayout.OWNER_NOT_RECOVERABLE;
  }

  final NotRecoverableException notRecoverable() {
    return new NotRecoverableException(
        "the mutex at "
            + state
            + ": its owner died, and the next one did not make it consistent. Make the data anew, and the mutex");
  }

  /**
   * Waits a moment for an owner who is about to give the word back, awake.
   *
   * <p>Where others sleep already it does not: they would be woken for nothing.
   */
  final Acquisition spin(CurrentThread self) {
    int limit = Math.min(SPINS_MAX, 2 * spins + SPINS_MARGIN);
    for (int i = 0; i < limit; i++) {
      int word = state.getVolatile();
      if (!isHeld(word)) {
        Acquisition result = tryTake(self);
        if (result != Acquisition.TIMED_OUT) {
          spins += (i - spins) >> SPINS_WEIGHT_SHIFT;
          return result;
        }
      } else if (hasSleepers(word)) {
        return Acquisition.TIMED_OUT;
      }
      Thread.onSpinWait();
    }
    spins += (limit - spins) >> SPINS_WEIGHT_SHIFT;
    return Acquisition.TIMED_OUT;
  }
}
