// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;
import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;

/**
 * A mutex whose word names its owner, so that the kernel can hand it on when the owner dies.
 *
 * <pre>
 *   bits        meaning                      set by                          cleared by
 *   0-29        thread id of the owner       taking                          giving back; the kernel at its death
 *   30          OWNER_DIED                   the kernel; declining           the next owner's taking
 *   31          WAITERS: wake                who is about to sleep, or did   giving back, which then wakes
 * </pre>
 *
 * <p>What the kernel walks when a thread dies is the thread's {@link RobustList}; the word is pending there from before
 * it is taken until it is linked, and from before it is unlinked until it was given back and somebody woken.
 *
 * <p>Linux, Documentation/locking/robust-futex-ABI.rst; glibc's robust mutexes.
 */
sealed class RobustMutex extends OwnedMutex permits RobustSlot, WriterMutex {
  RobustMutex(MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    super(memory, offset, kind, recovery, 0);
  }

  @Override
  Acquisition tryTake(CurrentThread self) {
    checkOpen();
    RobustList list = self.robustList();
    list.beginTaking(this);
    int word = FREE;
    boolean taken = compareAndSet(MutexLayout.LOCK, FREE, self.tid);
    if (!taken) {
      word = getOpaque(MutexLayout.LOCK);
      taken =
          !isHeld(word) && compareAndSet(MutexLayout.LOCK, word, word & FUTEX_WAITERS | self.tid);
    }
    Acquisition result = taken ? linked(self, list, word) : Acquisition.TIMED_OUT;
    list.end();
    return result;
  }

  /** Taken; the word was {@code before}. */
  private Acquisition linked(CurrentThread self, RobustList list, int before) {
    boolean ownerDied = (before & FUTEX_OWNER_DIED) != 0;
    if (!(ownerDied ? isRecoverable() : enter(self))) {
      setCount(0);
      free(list, FREE);
      throw notRecoverable();
    }
    Acquisition result = ownerDied ? inherited() : Acquisition.ACQUIRED;
    list.link(this);
    return result;
  }

  /**
   * FREE => TID; OWNER_DIED => TID, and the data are inconsistent; TID => TID | WAITERS, and it sleeps.
   *
   * <p>Having slept, it cannot know whether others still do, so it takes the word with WAITERS. The word stays pending
   * while it sleeps: if it dies after it was woken, the kernel finds the word free and wakes another. What that leaves
   * is a word that somebody took without WAITERS in between; see {@link Healing}.
   */
  @Override
  Acquisition take(
      CurrentThread self, boolean amongSleepers, boolean interruptible, long deadline) {
    if (!amongSleepers) {
      Acquisition result = spin(self);
      if (result != Acquisition.TIMED_OUT) {
        return result;
      }
    }
    RobustList list = self.robustList();
    if (amongSleepers) {
      list.goOnTaking(); // pending since beginSleep
    } else {
      list.beginTaking(this);
    }
    Acquisition result;
    try {
      result = sleep(self, list, amongSleepers, interruptible, deadline);
    } catch (RuntimeException e) {
      list.end(); // after an Error it is to be repaired
      throw e;
    }
    list.end();
    return result;
  }

  private Acquisition sleep(
      CurrentThread self,
      RobustList list,
      boolean amongSleepers,
      boolean interruptible,
      long deadline) {
    try {
      int waiters = amongSleepers ? FUTEX_WAITERS : 0;
      WaitResult last = WaitResult.WOKEN;
      while (true) {
        int word = state.getVolatile();
        if (!isHeld(word)) {
          if (state.compareAndSet(word, word & FUTEX_WAITERS | waiters | self.tid)) {
            return linked(self, list, word);
          }
          continue;
        }
        if (last == WaitResult.INTERRUPTED) {
          return Acquisition.INTERRUPTED;
        }
        if (last == WaitResult.TIMED_OUT) {
          return Acquisition.TIMED_OUT;
        }
        if (!isRecoverable()) {
          throw notRecoverable();
        }
        if (!hasSleepers(word) && !state.compareAndSet(word, word | FUTEX_WAITERS)) {
          continue;
        }
        waiters = FUTEX_WAITERS;
        last = Healing.sleep(state, word | FUTEX_WAITERS, interruptible, deadline);
      }
    } catch (ClosedMemoryException e) {
      // This thread may have been woken to take the word; another process can still do so.
      futexes.wake(state, 1);
      throw e;
    }
  }

  /**
   * TID => FREE; TID | WAITERS => FREE, and {@link #wakes()} are woken.
   *
   * <p>No wake-up is lost: whoever sleeps set WAITERS by a compare-and-set on the owner's id, and the exchange sees
   * it. A death before the exchange leaves a word that names the dead, a death after it one that is free: in both
   * cases the word is pending, and the kernel wakes one.
   */
  @Override
  void giveBack(CurrentThread self) {
    RobustList list = self.robustList();
    list.begin(this);
    list.unlink(this);
    leave();
    free(list, FREE);
  }

  /** TID => OWNER_DIED | WAITERS, and one is woken: the next owner is told what this one was told. */
  @Override
  void decline(CurrentThread self) {
    RobustList list = self.robustList();
    list.begin(this);
    list.unlink(this);
    abandon(list, self.tid);
  }

  @Override
  void abandon(RobustList list, int tid) {
    if (ownerTid(state.getEvenIfClosed()) == tid) {
      if (isRecoverable()) {
        setOwner(MutexLayout.NO_OWNER);
      }
      free(list, FUTEX_OWNER_DIED | FUTEX_WAITERS);
    } else {
      wake(list);
    }
  }

  private void free(RobustList list, int freeWord) {
    if ((getAndSet(MutexLayout.LOCK, freeWord) & FUTEX_WAITERS) != 0) {
      wake(list);
    } else {
      list.endGivenBack();
    }
  }

  private void wake(RobustList list) {
    try {
      futexes.wake(state, wakes());
    } catch (RuntimeException e) {
      list.end(); // after an Error nobody was woken perhaps, and it is to be repaired
      throw e;
    }
    list.end();
  }

  @Override
  boolean addSleepers() {
    state.getAndBitwiseOr(FUTEX_WAITERS);
    return true;
  }

  @Override
  void beginSleep(CurrentThread self) {
    self.robustList().begin(this);
  }

  @Override
  void endSleep(CurrentThread self) {
    self.robustList().end();
  }
}
