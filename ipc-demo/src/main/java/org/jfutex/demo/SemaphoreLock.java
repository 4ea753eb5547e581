// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jfutex.sync.SharedSemaphore;

/** A semaphore of one permit as a lock; unlike a lock it does not mind who unlocks. */
record SemaphoreLock(SharedSemaphore permit) implements Lock {
  @Override
  public void lock() {
    permit.acquireUninterruptibly();
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    permit.acquire();
  }

  @Override
  public boolean tryLock() {
    return permit.tryAcquire();
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    return permit.tryAcquire(time, unit);
  }

  @Override
  public void unlock() {
    permit.release();
  }

  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException("a semaphore has no conditions, expected a mutex");
  }
}
