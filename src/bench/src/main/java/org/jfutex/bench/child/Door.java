// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedReadWriteLock;
import org.jfutex.sync.SharedSemaphore;

/** What threads go through one by one, or those who read together: each of ours, and its counterpart in the JDK. */
interface Door {
  /**
   * Goes through so many times. What is gone through is a local, as in a program: what is reached through a field would
   * be read anew after each barrier.
   */
  void pass(int times, Inside inside);

  /** Whether one at a time is inside. */
  boolean excludes();

  /** What is behind it: counted if one at a time is inside. */
  final class Inside {
    int counter;
  }

  /**
   * @param memory for what is shared; the JDK's are objects
   */
  static Door of(String kind, MappedMemory memory) {
    return switch (kind) {
      case "mutex-normal" -> exclusive(SharedMutex.at(memory, 0, MutexKind.NORMAL));
      case "mutex-default" -> exclusive(SharedMutex.at(memory, 0));
      case "ReentrantLock" -> exclusive(new ReentrantLock());
      case "rwlock-read" -> shared(SharedReadWriteLock.at(memory, 0));
      case "rwlock-write" -> exclusive(SharedReadWriteLock.at(memory, 0).writeLock());
      case "rwlock-compact-read" -> shared(CompactReadWriteLock.at(memory, 0));
      case "rwlock-compact-write" -> exclusive(CompactReadWriteLock.at(memory, 0).writeLock());
      case "ReentrantReadWriteLock-read" -> shared(new ReentrantReadWriteLock());
      case "ReentrantReadWriteLock-write" -> exclusive(new ReentrantReadWriteLock().writeLock());
      case "StampedLock-read" -> new Stamped(new StampedLock());
      case "semaphore" -> {
        SharedSemaphore semaphore = SharedSemaphore.at(memory, 0, 1);
        yield exclusive(MeasuredLock.of(semaphore::acquireUninterruptibly, semaphore::release));
      }
      case "Semaphore" -> {
        Semaphore semaphore = new Semaphore(1);
        yield exclusive(MeasuredLock.of(semaphore::acquireUninterruptibly, semaphore::release));
      }
      case "latch" -> {
        SharedLatch latch = SharedLatch.at(memory, 0, SharedLatch.COUNT_MAX);
        yield new Through(MeasuredLock.of(latch::countDown, () -> {}), false);
      }
      case "CountDownLatch" -> {
        CountDownLatch latch = new CountDownLatch(Integer.MAX_VALUE);
        yield new Through(MeasuredLock.of(latch::countDown, () -> {}), false);
      }
      default -> throw new IllegalArgumentException("no such kind of door: " + kind);
    };
  }

  private static Door exclusive(Lock lock) {
    return new Through(lock, true);
  }

  private static Door shared(ReadWriteLock lock) {
    return new Through(lock.readLock(), false);
  }

  /**
   * A lock.
   *
   * @param excludes see {@link Door#excludes}
   */
  record Through(Lock lock, boolean excludes) implements Door {
    @Override
    public void pass(int times, Inside inside) {
      Lock one = lock;
      boolean counts = excludes;
      for (int i = 0; i < times; i++) {
        one.lock();
        if (counts) {
          inside.counter++;
        }
        one.unlock();
      }
    }
  }

  /** Its read half. */
  record Stamped(StampedLock lock) implements Door {
    @Override
    public void pass(int times, Inside inside) {
      StampedLock one = lock;
      for (int i = 0; i < times; i++) {
        long stamp = one.readLock();
        one.unlockRead(stamp);
      }
    }

    @Override
    public boolean excludes() {
      return false;
    }
  }
}
