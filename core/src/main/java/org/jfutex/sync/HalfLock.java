// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.Deadline;

/** One of the two locks of a read-write lock: what {@link Lock} asks for, made of an attempt and a wait. */
abstract class HalfLock implements Lock {
  /** Takes the lock if that is one step. */
  abstract boolean takeAtOnce();

  /** Takes the lock, sleeping until it can; not taken are TIMED_OUT and INTERRUPTED, which leaves the status set. */
  abstract Acquisition take(boolean interruptible, long deadline);

  /** Takes the lock, sleeping until it can; an interrupt has to wait. */
  @Override
  public final void lock() {
    if (!takeAtOnce()) {
      take(false, Deadline.NONE);
    }
  }

  @Override
  public final void lockInterruptibly() throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    if (!takeAtOnce()) {
      Interrupts.throwIf(take(true, Deadline.NONE) == Acquisition.INTERRUPTED, this);
    }
  }

  @Override
  public final boolean tryLock(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    if (timeout <= 0) {
      return tryLock();
    }
    if (takeAtOnce()) {
      return true;
    }
    Acquisition result = take(true, Deadline.after(timeout, unit));
    Interrupts.throwIf(result == Acquisition.INTERRUPTED, this);
    return result == Acquisition.ACQUIRED;
  }

  /** There are none: a condition gives back a lock that one thread holds alone, and knows how to take it again. */
  @Override
  public final Condition newCondition() {
    throw new UnsupportedOperationException(
        "a read-write lock has no conditions; use a SharedMutex and SharedCondition.at(memory, offset, mutex)");
  }
}
