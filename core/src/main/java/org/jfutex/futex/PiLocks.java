// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * The PI operations inside one JVM. Words look and change as the kernel's do; the new owner is the first that came.
 *
 * <p>What the name promises and this cannot give: Java offers no priority to inherit, and there is no real-time order.
 * An owner is known only if its thread is of this JVM and called a PI operation, or asked for its thread id, before.
 * The kernel sees an owner die; here a waiter looks whether the owner's thread still lives, 20 times a second.
 *
 * <pre>
 *   word                             meaning                    changed by
 *   0                                free                       an owner's CAS from 0 to its TID, or lock
 *   TID                              owned, nobody waits        its owner's CAS to 0, or unlock
 *   TID | WAITERS                    owned, somebody may wait   unlock: the next owner's TID | WAITERS, or 0
 *   TID | OWNER_DIED [| WAITERS]     owned; the one before died unlock
 * </pre>
 *
 * Algorithm: Linux 6.18, kernel/futex/pi.c and requeue.c, without its rt_mutex.
 */
final class PiLocks {
  private static final int TID = LinuxAbi.FUTEX_TID_MASK;
  private static final int WAITERS = LinuxAbi.FUTEX_WAITERS;
  private static final int OWNER_DIED = LinuxAbi.FUTEX_OWNER_DIED;
  private static final long LOOK_AT_OWNER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Who owns a word for which somebody waits; one for all its waiters. Guarded by the queue's lock. */
  static final class Ownership {
    private volatile int tid;

    private Ownership(int tid) {
      this.tid = tid;
    }
  }

  /**
   * What a thread, by its id, waits to own. Written before it looks for a circle: of two who close one at the same
   * moment at least one sees the other.
   */
  private static final Map<Integer, Ownership> AWAITED = new ConcurrentHashMap<>();

  /** A circle of others, who are to notice it themselves, must not hold this thread up. */
  private static final int LONGEST_CHAIN = 1024;

  private final InJvmEngine engine;

  PiLocks(InJvmEngine engine) {
    this.engine = engine;
  }

  int lock(Waiter waiter, FutexWord word, long deadline, boolean interruptible) {
    int tid = ThreadIds.current();
    WaitQueue queue = engine.queueOf(word);
    queue.lock();
    try {
      int answer = tryAcquire(queue, word, tid, false);
      if (answer != 0) {
        return answer == 1 ? 0 : answer;
      }
      Ownership ownership = ownership(queue, word);
      if (!mayAwait(tid, ownership)) {
        return -Errno.EDEADLK;
      }
      InJvmEngine.enqueue(waiter, queue, word, 0, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      waiter.tid = tid;
      waiter.ownership = ownership;
    } finally {
      queue.unlock();
    }
    return awaitOwnership(waiter, word, tid, deadline, interruptible);
  }

  int tryLock(FutexWord word) {
    int tid = ThreadIds.current();
    WaitQueue queue = engine.queueOf(word);
    queue.lock();
    try {
      int answer = tryAcquire(queue, word, tid, false);
      return answer == 1 ? 0 : answer == 0 ? -Errno.EAGAIN : answer;
    } finally {
      queue.unlock();
    }
  }

  /**
   * free => TID, and 1; owned => owned | WAITERS, and 0: this thread may join the waiters; or minus errno.
   *
   * @param markWaiters take a free word with WAITERS set, because others will be queued on it at once
   */
  private static int tryAcquire(WaitQueue queue, FutexWord word, int tid, boolean markWaiters) {
    for (; ; ) {
      int value = word.getVolatile();
      int owner = value & TID;
      if (owner == tid) {
        return -Errno.EDEADLK;
      }
      Waiter first = queue.first(word);
      if (first != null) {
        return matches(value, first.ownership) ? 0 : -Errno.EINVAL;
      }
      if (owner == 0) {
        int taken = value & OWNER_DIED | tid | (markWaiters ? WAITERS : 0);
        if (word.compareAndSet(value, taken)) {
          return 1;
        }
      } else if (word.compareAndSet(value, value | WAITERS)) {
        // An unknown owner leaves WAITERS behind, as the kernel does.
        return ThreadIds.isAlive(owner) ? 0 : -Errno.ESRCH;
      }
    }
  }

  /** Whether the word still says what its waiters believe; somebody may have written to it. */
  private static boolean matches(int value, Ownership ownership) {
    if (ownership == null) {
      return false; // a waiter of a plain wait, or one that waits to be requeued
    }
    int owner = value & TID;
    return owner == ownership.tid || owner == 0 && (value & OWNER_DIED) != 0;
  }

  /** Enters what a thread waits to own, unless it would in the end wait for itself. */
  private static boolean mayAwait(int tid, Ownership ownership) {
    AWAITED.put(tid, ownership);
    Ownership next = ownership;
    for (int i = 0; next != null && i < LONGEST_CHAIN; i++) {
      if (next.tid == tid) {
        AWAITED.remove(tid);
        return false;
      }
      next = AWAITED.get(next.tid);
    }
    return true;
  }

  private static Ownership ownership(WaitQueue queue, FutexWord word) {
    Waiter first = queue.first(word);
    return first == null ? new Ownership(word.getVolatile() & TID) : first.ownership;
  }

  int unlock(FutexWord word) {
    int tid = ThreadIds.current();
    WaitQueue queue = engine.queueOf(word);
    queue.lock();
    try {
      for (; ; ) {
        int value = word.getVolatile();
        if ((value & TID) != tid) {
          return -Errno.EPERM;
        }
        Waiter first = queue.first(word);
        if (first != null && (first.ownership == null || first.ownership.tid != tid)) {
          return -Errno.EINVAL;
        }
        if (first != null ? handOver(queue, word, value, first, 0) : word.compareAndSet(value, 0)) {
          return 0;
        }
      }
    } finally {
      queue.unlock();
    }
  }

  /** owned => owned by the first waiter, which is woken. False if the word is not {@code value} any more. */
  private static boolean handOver(
      WaitQueue queue, FutexWord word, int value, Waiter first, int ownerDied) {
    // WAITERS whether or not there are more: the new owner then unlocks here, and here it is known.
    if (!word.compareAndSet(value, first.tid | WAITERS | ownerDied)) {
      return false;
    }
    first.ownership.tid = first.tid;
    AWAITED.remove(first.tid);
    queue.take(first);
    return true;
  }

  int waitRequeue(Waiter waiter, FutexWord word, int expected, FutexWord target, long deadline) {
    if (word.isSameFutex(target)) {
      return -Errno.EINVAL;
    }
    int tid = ThreadIds.current();
    WaitQueue queue = engine.queueOf(word);
    queue.lock();
    try {
      if (word.getVolatile() != expected) {
        return -Errno.EAGAIN;
      }
      InJvmEngine.enqueue(waiter, queue, word, expected, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      waiter.tid = tid;
      waiter.requeueTarget = target;
    } finally {
      queue.unlock();
    }
    return awaitOwnership(waiter, target, tid, deadline, false);
  }

  /** Owned before {@code first} could be woken: only so has the waiter got what it waited for. */
  private int awaitOwnership(
      Waiter waiter, FutexWord owned, int tid, long deadline, boolean interruptible) {
    int answer;
    boolean woken;
    try {
      do {
        answer = engine.await(waiter, deadline, interruptible, LOOK_AT_OWNER_NANOS);
        if (answer == -Errno.EAGAIN) {
          takeOverFromTheDead(waiter, owned);
        }
      } while (answer == -Errno.EAGAIN);
    } finally {
      AWAITED.remove(tid);
      woken = engine.complete(waiter) == 1;
    }
    if (!woken) {
      return answer;
    }
    // Otherwise it was woken because the memory is being closed.
    return (owned.getVolatile() & TID) == tid ? 0 : -Errno.EINTR;
  }

  /** Plain waiters may stand before those who wait to own the word: somebody mixed the two. */
  private static Waiter firstOwnerToBe(WaitQueue queue, FutexWord word, Waiter waiter) {
    Waiter first = queue.first(word);
    while (first.ownership != waiter.ownership) {
      first = first.next;
    }
    return first;
  }

  private void takeOverFromTheDead(Waiter waiter, FutexWord word) {
    WaitQueue queue = engine.queueOf(word);
    queue.lock();
    try {
      boolean waitsHere = waiter.queue == queue && waiter.ownership != null;
      if (waitsHere && !ThreadIds.isAlive(waiter.ownership.tid)) {
        // Whatever somebody wrote to the word meanwhile, as the kernel does.
        Waiter heir = firstOwnerToBe(queue, word, waiter);
        handOver(queue, word, word.getVolatile(), heir, OWNER_DIED);
      }
    } finally {
      queue.unlock();
    }
  }

  int compareRequeue(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    if (wakeCount != 1 || requeueCount < 0 || word.isSameFutex(target)) {
      return -Errno.EINVAL;
    }
    WaitQueue queue = engine.queueOf(word);
    WaitQueue targetQueue = engine.queueOf(target);
    WaitQueue.lockBoth(queue, targetQueue);
    try {
      if (word.getVolatile() != expected) {
        return -Errno.EAGAIN;
      }
      Waiter first = queue.first(word);
      if (first == null) {
        return 0;
      }
      if (!waitsFor(first, target)) {
        return -Errno.EINVAL;
      }
      int done = tryAcquire(targetQueue, target, first.tid, requeueCount > 0);
      if (done < 0) {
        return done;
      }
      if (done == 1) {
        queue.take(first);
      }
      for (Waiter w = queue.first(word), following; w != null; w = following) {
        following = w.next;
        if (done - wakeCount >= requeueCount) {
          break;
        }
        if (!waitsFor(w, target)) {
          return -Errno.EINVAL;
        }
        Ownership ownership = ownership(targetQueue, target);
        if (!mayAwait(w.tid, ownership)) {
          return -Errno.EDEADLK;
        }
        w.ownership = ownership;
        w.requeueTarget = null;
        InJvmEngine.move(w, queue, target, targetQueue);
        done++;
      }
      return done;
    } finally {
      WaitQueue.unlockBoth(queue, targetQueue);
    }
  }

  private static boolean waitsFor(Waiter waiter, FutexWord target) {
    return waiter.requeueTarget != null && waiter.requeueTarget.isSameFutex(target);
  }
}
