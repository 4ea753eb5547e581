// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  /** Whether the machine has a second CPU. This JVM may be pinned to one, and the owner run on another all the same. */
  private static final boolean OTHERS_CAN_RUN = hasSeveralCpus();

  private static boolean hasSeveralCpus() {
    try {
      String online = Files.readString(Path.of("/sys/devices/system/cpu/online"));
      return online.contains("-") || online.contains(","); // such as 0-1, or 0,2
    } catch (IOException e) {
      return Runtime.getRuntime().availableProcessors() > 1;
    }
  }

  /**
   * How long a spin may be, in pauses: 1023 in all, 1 + 2 + 4 .. + 512, with 10 looks at the word. A pause is 40 ns on
   * the machine that this was measured on (and less on others), so the longest spin is 40 us; to sleep and be woken
   * across CPUs takes 60, and who spins no longer than that loses at most as much again. Pauses that grow leave the
   * cache line to the owner meanwhile: of 2 processes that do nothing but take the mutex, an increment cost 0.91 of
   * glibc's so, 1.09 with at most 256, 1.24 with at most 128, 1.48 without spinning.
   */
  private static final int PAUSES_MAX = 512;

  /** Where spinning did not help lately: 15 pauses, to find out when it does again. */
  private static final int PAUSES_MIN = 8;

  final FutexWord state;
  final FutexManager futexes = FutexManager.system();
  private final boolean counts;
  final boolean recursive;

  /** The longest pause of the next spin: doubled when spinning helped, halved when not. A race only blurs it. */
  private int patience = PAUSES_MAX;

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

  /** Gives the word back and wakes one who sleeps; what is still inconsistent becomes not recoverable. */
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
  final boolean enter(CurrentThread self) {
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
  final Acquisition inherited() {
    setCount(1);
    setOwner(MutexLayout.OWNER_INCONSISTENT);
    return Acquisition.OWNER_DIED;
  }

  /**
   * Notes one user less, and no owner; or, where the owner before died and this one did not say that the data are whole
   * again, that the mutex is not recoverable. Nothing can refuse any more that the word is given back, and nobody else
   * has it yet.
   */
  final void leave() {
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

  final boolean isRecoverable() {
    return ownerField() != MutexLayout.OWNER_NOT_RECOVERABLE;
  }

  final NotRecoverableException notRecoverable() {
    return new NotRecoverableException(
        "the mutex at "
            + state
            + ": its owner died, and the next one did not make it consistent. Make the data anew, and the mutex");
  }

  /**
   * Waits a moment, awake, for an owner who is about to give the word back. With one CPU it could not.
   *
   * <p>Where others sleep already it does not: they would be woken for nothing.
   */
  final Acquisition spin(CurrentThread self) {
    if (!OTHERS_CAN_RUN) {
      return Acquisition.TIMED_OUT;
    }
    int limit = patience;
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      for (int i = 0; i < pauses; i++) {
        Thread.onSpinWait();
      }
      int word = state.getVolatile();
      if (hasSleepers(word)) {
        return Acquisition.TIMED_OUT;
      }
      Acquisition result = isHeld(word) ? Acquisition.TIMED_OUT : tryTake(self);
      if (result != Acquisition.TIMED_OUT) {
        patience = Math.min(2 * limit, PAUSES_MAX);
        return result;
      }
    }
    patience = Math.max(limit / 2, PAUSES_MIN);
    return Acquisition.TIMED_OUT;
  }
}
