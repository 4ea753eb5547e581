// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * A lock of 4 bytes for threads of several processes; not recursive, and without an owner that anybody could check.
 *
 * <pre>
 *   state       value  set by                         cleared by
 *   FREE          0    unlock; the initial state      lock
 *   HELD          1    lock that did not sleep        unlock
 *   CONTENDED     2    lock that slept or will        unlock, which then wakes one
 * </pre>
 *
 * <p>Fairness: none. Who comes while the lock is free takes it, even if others slept before.
 *
 * <p>Memory: what happens before {@code unlock} happens before a later {@code lock} returns, in any process.
 *
 * <p>A crash of the holder leaves the lock held for ever; nobody is told.
 *
 * <p>The algorithm is the third mutex of Ulrich Drepper, "Futexes Are Tricky" (2011), section 6.
 */
public final class SharedMutex implements Lock {
  /** What the lock takes of the memory. */
  public static final int BYTES = FutexWord.BYTES;

  private static final int FREE = 0;
  private static final int HELD = 1;
  private static final int CONTENDED = 2;

  private final FutexWord state;
  private final FutexManager futexes;

  private SharedMutex(FutexWord state, FutexManager futexes) {
    this.state = state;
    this.futexes = futexes;
  }

  /**
   * The lock in the {@link #BYTES} at an offset. All-zero bytes are a free one, so nothing is initialised.
   *
   * @param offset in bytes, a multiple of 4
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public static SharedMutex at(MappedMemory memory, long offset) {
    return on(memory.word(offset), FutexManager.system());
  }

  /** The lock whose state is this word, a private one too; all who share it use managers that meet on it. */
  public static SharedMutex on(FutexWord state, FutexManager futexes) {
    return new SharedMutex(state, futexes);
  }

  /** Takes the lock, sleeping until it is free; an interrupt has to wait. A second call by the holder never returns. */
  @Override
  public void lock() {
    if (!tryLock()) {
      lockContended(false, Deadline.NONE);
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    if (Thread.interrupted()
        || !tryLock() && lockContended(true, Deadline.NONE) == WaitResult.INTERRUPTED) {
      Thread.interrupted();
      throw new InterruptedException("while waiting for " + this);
    }
  }

  @Override
  public boolean tryLock() {
    return state.compareAndSet(FREE, HELD);
  }

  @Override
  public boolean tryLock(long timeout, TimeUnit unit) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("before waiting for " + this);
    }
    if (tryLock()) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    WaitResult last = lockContended(true, Deadline.after(timeout, unit));
    if (last == WaitResult.INTERRUPTED) {
      Thread.interrupted();
      throw new InterruptedException("while waiting for " + this);
    }
    return last != WaitResult.TIMED_OUT;
  }

  /**
   * FREE => CONTENDED, and this thread has the lock; HELD => CONTENDED, and it sleeps.
   *
   * <p>It cannot know whether others sleep, so it takes the lock as CONTENDED and its unlock wakes one: at worst once
   * for nothing.
   *
   * @return TIMED_OUT or INTERRUPTED without the lock, anything else with it
   */
  private WaitResult lockContended(boolean interruptible, long deadline) {
    WaitResult last = WaitResult.WOKEN;
    try {
      while (state.getAndSet(CONTENDED) != FREE) {
        if (last == WaitResult.TIMED_OUT || last == WaitResult.INTERRUPTED) {
          return last;
        }
        last =
            interruptible
                ? futexes.waitInterruptibly(state, CONTENDED, FutexManager.ANY_BIT, deadline)
                : futexes.wait(state, CONTENDED, FutexManager.ANY_BIT, deadline);
      }
    } catch (ClosedMemoryException e) {
      // This thread may have been woken to take the lock; another process can still do so.
      futexes.wake(state, 1);
      throw e;
    }
    return WaitResult.WOKEN;
  }

  /**
   * Frees the lock, and wakes one who sleeps.
   *
   * <p>No wake-up is lost: whoever sleeps wrote CONTENDED before, so an exchange that finds HELD leaves nobody behind;
   * and once it took CONTENDED away, nobody falls asleep any more, since FutexManager compares the word again.
   *
   * @throws IllegalMonitorStateException if the lock is free, and it stays free
   */
  @Override
  public void unlock() {
    int before = state.getAndSet(FREE);
    if (before == CONTENDED) {
      futexes.wake(state, 1);
    } else if (before == FREE) {
      throw new IllegalMonitorStateException("unlock of " + this + ", expected one that is held");
    }
  }

  /** Whether anybody holds the lock at this moment. */
  public boolean isLocked() {
    return state.getVolatile() != FREE;
  }

  /** Not yet: conditions come with the mutex family. */
  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException("this kind of mutex has no conditions");
  }

  @Override
  public String toString() {
    return "SharedMutex[" + state + "]";
  }
}
