// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** A lock, as much of it as is measured. */
abstract class MeasuredLock implements Lock {
  /** What excludes others from one call to the other. */
  static Lock of(Runnable enter, Runnable leave) {
    return new MeasuredLock() {
      @Override
      public void lock() {
        enter.run();
      }

      @Override
      public void unlock() {
        leave.run();
      }
    };
  }

  @Override
  public final void lockInterruptibly() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final boolean tryLock() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final boolean tryLock(long time, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Condition newCondition() {
    throw new UnsupportedOperationException();
  }
}
