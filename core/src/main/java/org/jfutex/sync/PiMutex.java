// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;

import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexException;
import org.jfutex.futex.WaitResult;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.MappedMemory;

/**
 * A mutex whose word the kernel owns once two threads want it: the owner runs with the priority of the most urgent one
 * that waits, and the word is handed to that one, without a gap in which another could take it.
 *
 * <pre>
 *   bits        meaning                      set by                     cleared by
 *   0-29        thread id of the owner       taking; the kernel         giving back; the kernel
 *   30          OWNER_DIED                   the kernel                 the next owner
 *   31          WAITERS: the kernel knows    the kernel                 the kernel
 * </pre>
 *
 * <p>No wake-up can be lost, for none is sent: while WAITERS is set the compare-and-set of giving back fails, and the
 * kernel does it. A robust one is an entry of the thread's {@link RobustList} as well, marked as PI.
 *
 * <p>An interruptible wait goes in slices and loses its place in the queue with each; FUTEX_LOCK_PI ends by nothing
 * else.
 *
 * <p>Linux, Documentation/locking/pi-futex.rst.
 */
final class PiMutex extends OwnedMutex {
  /** A thread that was woken has run by then, unless the machine is more than a second behind. */
  private static final long HANDED_ON_SECONDS = 1;

  private final boolean robust;

  PiMutex(MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    super(memory, offset, kind, recovery, LinuxAbi.ROBUST_LIST_PI);
    robust = kind.robust();
  }

  @Override
  Acquisition tryTake(CurrentThread self) {
    checkOpen();
    beginTaking(self);
    if (compareAndSet(MutexLayout.LOCK, FREE, self.tid)) {
      return linked(self, false);
    }
    boolean taken;
    try {
      // Without its owner it belongs to the kernel.
      taken = isMarked() && futexes.tryLockPi(state);
    } catch (RuntimeException e) {
      end(self); // after an Error it is to be repaired
      throw refused(e);
    }
    if (!taken) {
      end(self);
    }
    // By now another one may have taken it, cleared the mark, and given it back.
    return taken ? linked(self, isMarked()) : Acquisition.TIMED_OUT;
  }

  @Override
  Acquisition take(
      CurrentThread self, boolean amongSleepers, boolean interruptible, long deadline) {
    if (!amongSleepers) {
      Acquisition result = spin(self);
      if (result != Acquisition.TIMED_OUT) {
        return result;
      }
    }
    beginTaking(self);
    WaitResult result;
    try {
      result = queue(interruptible, deadline);
    } catch (RuntimeException e) {
      end(self); // after an Error it is to be repaired
      throw refused(e);
    }
    if (result != WaitResult.WOKEN) {
      end(self);
    }
    return switch (result) {
      case WOKEN -> linked(self, isMarked());
      case TIMED_OUT -> Acquisition.TIMED_OUT;
      default -> Acquisition.INTERRUPTED;
    };
  }

  /**
   * Of an owner that is not robust and died while others waited, the kernel wakes the first of them, and that one
   * writes itself into the word. Who comes in between is refused with EINVAL, and tries again.
   */
  private WaitResult queue(boolean interruptible, long deadline) {
    long giveUp = Deadline.NONE;
    while (true) {
      try {
        return interruptible
            ? futexes.lockPiInterruptibly(state, deadline)
            : futexes.lockPi(state, deadline) ? WaitResult.WOKEN : WaitResult.TIMED_OUT;
      } catch (FutexException e) {
        if (robust || e.errno() != Errno.EINVAL || Deadline.hasPassed(giveUp)) {
          throw e;
        }
        if (giveUp == Deadline.NONE) {
          giveUp = Deadline.after(HANDED_ON_SECONDS, TimeUnit.SECONDS);
        }
        Thread.yield();
      }
    }
  }

  private RuntimeException refused(RuntimeException e) {
    return switch (e instanceof FutexException futex ? futex.errno() : 0) {
      case Errno.EDEADLK -> new DeadlockException(e.getMessage());
      case Errno.ESRCH ->
          new OwnerNotFoundException(
              e.getMessage() + "; found " + Integer.toHexString(ownerTid(state.getEvenIfClosed())));
      default -> e;
    };
  }

  private boolean isMarked() {
    return (getOpaque(MutexLayout.LOCK) & FUTEX_OWNER_DIED) != 0;
  }

  /** Taken, by this thread or by the kernel for it; OWNER_DIED is still in the word. */
  private Acquisition linked(CurrentThread self, boolean ownerDied) {
    if (!(ownerDied ? isRecoverable() : enter(self))) {
      setCount(0);
      free(self);
      throw notRecoverable();
    }
    if (ownerDied) {
      inherited();
      if (!robust) {
        setOwner(self.tid); // nobody could make it consistent
      }
      state.getAndBitwiseAnd(~FUTEX_OWNER_DIED);
    }
    if (robust) {
      RobustList list = self.robustList();
      list.link(this);
      list.end();
    }
    return ownerDied ? Acquisition.OWNER_DIED : Acquisition.ACQUIRED;
  }

  /** TID => FREE; TID | WAITERS => the next owner's, by the kernel. */
  @Override
  void giveBack(CurrentThread self) {
    if (robust) {
      RobustList list = self.robustList();
      list.begin(this);
      list.unlink(this);
    }
    leave();
    free(self);
  }

  private void free(CurrentThread self) {
    try {
      if (!compareAndSet(MutexLayout.LOCK, self.tid, FREE)) {
        futexes.unlockPi(state);
      }
    } catch (RuntimeException e) {
      end(self); // after an Error it is to be repaired
      throw e;
    }
    end(self);
  }

  /** The kernel drops OWNER_DIED when it hands the word on, so the next owner could not be told. */
  @Override
  void decline(CurrentThread self) {
    giveBack(self);
  }

  /** As {@link #decline}, but for a word that nobody waits for. */
  @Override
  void abandon(RobustList list, int tid) {
    try {
      int word = state.getEvenIfClosed();
      if (ownerTid(word) == tid
          && (hasSleepers(word) || !compareAndSet(MutexLayout.LOCK, word, FUTEX_OWNER_DIED))) {
        if (ownerField() == MutexLayout.OWNER_INCONSISTENT || (word & FUTEX_OWNER_DIED) != 0) {
          setOwner(MutexLayout.OWNER_NOT_RECOVERABLE);
        } else if (isRecoverable()) {
          setOwner(MutexLayout.NO_OWNER);
        }
        futexes.unlockPi(state);
      }
    } catch (RuntimeException e) {
      list.end();
      throw e;
    }
    list.end();
  }

  /** Who waits for a PI word is queued by the kernel, not requeued. */
  @Override
  boolean addSleepers() {
    return false;
  }

  private void beginTaking(CurrentThread self) {
    if (robust) {
      self.robustList().beginTaking(this);
    }
  }

  private void end(CurrentThread self) {
    if (robust) {
      self.robustList().end();
    }
  }
}
