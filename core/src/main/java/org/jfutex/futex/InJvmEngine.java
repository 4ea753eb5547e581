// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * The futex system call inside one JVM: threads park in hashed wait queues. No native call; virtual threads unmount.
 *
 * <p>Why no wake-up is lost: a waiter reads the word and joins its queue under the queue's lock; a waker changes the
 * word before it takes that lock. Either the waker comes later and finds the waiter, or it came earlier and the waiter
 * reads what it wrote.
 *
 * <p>A waker takes waiters out under the lock and unparks them after it. Between the two {@code queue} is null and
 * {@code state} still QUEUED; who finds its waiter so has been woken and waits for the waker to say so, because the
 * waker still uses the node.
 *
 * <p>Where there is no futex system call, {@link #polling()} serves the shared kinds too: other processes cannot wake
 * this one, so a waiter looks at its word in growing intervals. What it cannot do then, it refuses with ENOSYS.
 */
final class InJvmEngine implements FutexEngine {
  /** A power of two; more queues mean fewer threads that meet on a lock. Costs about 100 bytes each. */
  private static final int QUEUES = 128;

  private static final int QUEUE_SHIFT = Integer.SIZE - Integer.numberOfTrailingZeros(QUEUES);

  /** A polled word is looked at soon at first, and 200 times a second when nothing happens: 0.1 % of a core. */
  private static final long FIRST_POLL_NANOS = 50_000;

  private static final long LAST_POLL_NANOS = 5_000_000;

  private static final long CLOCK_LOOK_NANOS = 1_000_000_000;

  private final WaitQueue[] queues = new WaitQueue[QUEUES];
  private final ThreadLocal<Waiter> ownWaiter = ThreadLocal.withInitial(Waiter::new);
  private final ThreadLocal<Waiter[]> ownWaiters = ThreadLocal.withInitial(() -> new Waiter[0]);
  private final boolean polling;
  private final PiLocks piLocks = new PiLocks(this);

  InJvmEngine() {
    this(false);
  }

  private InJvmEngine(boolean polling) {
    this.polling = polling;
    for (int i = 0; i < QUEUES; i++) {
      queues[i] = new WaitQueue(i);
    }
  }

  /** One that also notices what other processes do to shared words, by looking. */
  static InJvmEngine polling() {
    return new InJvmEngine(true);
  }

  /** The low bits of a hash choose the chain in a queue, the high ones the queue. */
  WaitQueue queueOf(FutexWord word) {
    return queues[word.keyHash() >>> QUEUE_SHIFT];
  }

  @Override
  public int wait(FutexWord word, int expected, int bitset, long deadline, boolean interruptible) {
    Waiter waiter = own();
    int answer = prepare(waiter, word, expected, bitset);
    if (answer != 0) {
      return answer;
    }
    boolean woken;
    try {
      answer = await(waiter, deadline, interruptible);
    } finally {
      woken = complete(waiter) == 1;
    }
    return woken ? 0 : answer;
  }

  @Override
  public int prepare(Waiter waiter, FutexWord word, int expected, int bitset) {
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    waiter.checkIdle();
    WaitQueue queue = queueOf(word);
    queue.lock();
    try {
      if (word.getVolatile() != expected) {
        return -Errno.EAGAIN;
      }
      enqueue(waiter, queue, word, expected, bitset);
      return 0;
    } finally {
      queue.unlock();
    }
  }

  static void enqueue(Waiter waiter, WaitQueue queue, FutexWord word, int expected, int bitset) {
    waiter.word = word;
    waiter.expected = expected;
    waiter.bitset = bitset;
    waiter.since = 0;
    queue.append(waiter); // first, because it may find no memory for a larger table
    waiter.setStateRelease(Waiter.QUEUED);
  }

  @Override
  public int await(Waiter waiter, long deadline, boolean interruptible) {
    return await(waiter, deadline, interruptible, Long.MAX_VALUE);
  }

  /**
   * Parks until one of a thread's waiters is woken: 0; or -ETIMEDOUT, -EINTR, or -EAGAIN where polling saw a change.
   *
   * @param nap the longest time to park at once; when it is over without another reason: -EAGAIN, look again
   */
  int await(Waiter waiter, long deadline, boolean interruptible, long nap) {
    long now = System.nanoTime();
    for (Waiter w = waiter; w != null; w = w.nextOfThread) {
      w.since = w.since == 0 ? now : w.since;
      w.thread = Thread.currentThread();
    }
    boolean interrupted = false;
    try {
      long poll = isPolled(waiter.word) ? FIRST_POLL_NANOS : Long.MAX_VALUE;
      while (!anyWoken(waiter)) {
        long remaining = Deadline.remaining(deadline);
        if (remaining <= 0) {
          return -Errno.ETIMEDOUT;
        }
        // Cleared, or park would not sleep; set again below.
        if (Thread.interrupted()) {
          interrupted = true;
          if (interruptible) {
            return -Errno.EINTR;
          }
        }
        if (poll != Long.MAX_VALUE) {
          if (anyChanged(waiter)) {
            return -Errno.EAGAIN;
          }
          LockSupport.parkNanos(waiter, Math.min(remaining, poll));
          poll = Math.min(2 * poll, LAST_POLL_NANOS);
        } else if (nap != Long.MAX_VALUE) {
          LockSupport.parkNanos(waiter, Math.min(remaining, nap));
          return anyWoken(waiter) ? 0 : -Errno.EAGAIN;
        } else if (deadline == Deadline.NONE) {
          LockSupport.park(waiter);
        } else {
          // Now and then, to see that somebody set the wall clock.
          boolean realtime = Deadline.isRealtime(deadline);
          LockSupport.parkNanos(
              waiter, realtime ? Math.min(remaining, CLOCK_LOOK_NANOS) : remaining);
        }
      }
      return 0;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean anyWoken(Waiter waiter) {
    for (Waiter w = waiter; w != null; w = w.nextOfThread) {
      if (w.state == Waiter.WOKEN) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyChanged(Waiter waiter) {
    for (Waiter w = waiter; w != null; w = w.nextOfThread) {
      if (w.word.getVolatile() != w.expected) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int complete(Waiter waiter) {
    boolean woken = !takeOut(waiter);
    if (waiter.thread != null) {
      waiter.thread = null;
    }
    waiter.word = null;
    if (waiter.isPi()) {
      waiter.ownership = null;
      waiter.requeueTarget = null;
    }
    waiter.setStateRelease(Waiter.IDLE);
    return woken ? 1 : 0;
  }

  /** Takes a waiter out of the queue that it is in now; false if a waker did so first, and then is done with it. */
  static boolean takeOut(Waiter waiter) {
    for (WaitQueue queue = waiter.queue; queue != null; queue = waiter.queue) {
      queue.lock();
      try {
        // Otherwise it was woken, or requeued, between the read and the lock.
        if (waiter.queue == queue) {
          queue.remove(waiter);
          waiter.setQueueRelease(null);
          return true;
        }
      } finally {
        queue.unlock();
      }
    }
    while (waiter.state == Waiter.QUEUED) {
      Thread.yield();
    }
    return false;
  }

  /** Takes out the waiter of a future, if it was not woken; may be called more than once. */
  static void leave(Waiter waiter) {
    if (takeOut(waiter)) {
      waiter.setStateRelease(Waiter.IDLE);
    }
  }

  @Override
  public int wake(FutexWord word, int count, int bitset) {
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    WaitQueue queue = queueOf(word);
    queue.lock();
    try {
      return queue.take(word, count, bitset);
    } finally {
      queue.unlock();
    }
  }

  @Override
  public int requeue(FutexWord word, FutexWord target, int wakeCount, int requeueCount) {
    return requeue(word, false, 0, target, wakeCount, requeueCount);
  }

  @Override
  public int compareRequeue(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    return requeue(word, true, expected, target, wakeCount, requeueCount);
  }

  private int requeue(
      FutexWord word,
      boolean compare,
      int expected,
      FutexWord target,
      int wakeCount,
      int requeueCount) {
    if (wakeCount < 0 || requeueCount < 0) {
      return -Errno.EINVAL;
    }
    WaitQueue queue = queueOf(word);
    WaitQueue targetQueue = queueOf(target);
    boolean toItself = word.isSameFutex(target);
    WaitQueue.lockBoth(queue, targetQueue);
    try {
      if (compare && word.getVolatile() != expected) {
        return -Errno.EAGAIN;
      }
      int done = 0;
      for (Waiter w = queue.first(word), following; w != null; w = following) {
        following = w.next;
        if (done - wakeCount >= requeueCount) {
          break;
        }
        if (w.isPi()) {
          return -Errno.EINVAL;
        }
        if (++done <= wakeCount) {
          queue.take(w);
        } else if (!toItself) {
          move(w, queue, target, targetQueue);
        }
      }
      return done;
    } finally {
      WaitQueue.unlockBoth(queue, targetQueue);
    }
  }

  /**
   * To the end of the target's list; both queues are locked. {@code waiter.queue} is never null on the way: that would
   * tell a waiter whose time is up that it was woken.
   */
  static void move(Waiter waiter, WaitQueue queue, FutexWord target, WaitQueue targetQueue) {
    queue.remove(waiter);
    waiter.word = target;
    targetQueue.append(waiter);
  }

  @Override
  public int wakeOp(
      FutexWord word, int count, FutexWord second, int secondCount, int encodedOperation) {
    WaitQueue queue = queueOf(word);
    WaitQueue secondQueue = queueOf(second);
    WaitQueue.lockBoth(queue, secondQueue);
    try {
      if (!WakeOp.isDefined(encodedOperation)) {
        return -Errno.ENOSYS;
      }
      int old = WakeOp.apply(encodedOperation, second);
      if (!WakeOp.comparisonIsDefined(encodedOperation)) {
        return -Errno.ENOSYS;
      }
      int woken = queue.take(word, count, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      if (woken < 0 || !WakeOp.compares(encodedOperation, old)) {
        return woken;
      }
      int secondWoken = secondQueue.take(second, secondCount, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      return secondWoken < 0 ? secondWoken : woken + secondWoken;
    } finally {
      WaitQueue.unlockBoth(queue, secondQueue);
    }
  }

  @Override
  public int waitAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    if (words.length < 1 || words.length > LinuxAbi.FUTEX_WAITV_MAX) {
      return -Errno.EINVAL;
    }
    Waiter[] waiters = waitersFor(words.length);
    int answer = 0;
    int prepared = 0;
    int woken = -1;
    try {
      while (prepared < words.length && answer == 0) {
        answer =
            prepare(
                waiters[prepared],
                words[prepared],
                expected[prepared],
                LinuxAbi.FUTEX_BITSET_MATCH_ANY);
        if (answer == 0) {
          prepared++;
        }
      }
      if (answer == 0) {
        answer = await(waiters[0], deadline, interruptible);
      }
    } finally {
      for (int i = 0; i < prepared; i++) {
        if (complete(waiters[i]) == 1) {
          woken = i;
        }
      }
    }
    return woken >= 0 ? woken : answer;
  }

  /** The thread's waiters for several words, linked from the first to the last; kept for its next such wait. */
  private Waiter[] waitersFor(int count) {
    Waiter[] waiters = ownWaiters.get();
    if (waiters.length < count) {
      waiters = new Waiter[count];
      Arrays.setAll(waiters, i -> new Waiter());
      ownWaiters.set(waiters);
    }
    for (int i = 0; i < count; i++) {
      waiters[i].nextOfThread = i + 1 < count ? waiters[i + 1] : null;
    }
    return waiters;
  }

  @Override
  public int lockPi(FutexWord word, long deadline, boolean interruptible) {
    return isPolled(word) ? -Errno.ENOSYS : piLocks.lock(own(), word, deadline, interruptible);
  }

  @Override
  public int tryLockPi(FutexWord word) {
    return isPolled(word) ? -Errno.ENOSYS : piLocks.tryLock(word);
  }

  @Override
  public int unlockPi(FutexWord word) {
    return isPolled(word) ? -Errno.ENOSYS : piLocks.unlock(word);
  }

  @Override
  public int waitRequeuePi(FutexWord word, int expected, FutexWord target, long deadline) {
    return isPolled(word)
        ? -Errno.ENOSYS
        : piLocks.waitRequeue(own(), word, expected, target, deadline);
  }

  @Override
  public int compareRequeuePi(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    return isPolled(word)
        ? -Errno.ENOSYS
        : piLocks.compareRequeue(word, expected, target, wakeCount, requeueCount);
  }

  private Waiter own() {
    return ownWaiter.get();
  }

  private boolean isPolled(FutexWord word) {
    return polling && word.isShared();
  }

  @Override
  public String toString() {
    return polling ? "no futex system call, shared words are polled" : "in-JVM queues";
  }

  @Override
  public void release(MappedMemory memory) {
    for (WaitQueue queue : queues) {
      List<Waiter> waiters = new ArrayList<>();
      queue.lock();
      try {
        queue.forEach(
            w -> {
              if (w.word.memory() == memory) {
                waiters.add(w);
              }
            });
        waiters.forEach(queue::take);
      } finally {
        queue.unlock();
      }
    }
  }

  @Override
  public void forEachWait(Consumer<FutexWait> action) {
    for (WaitQueue queue : queues) {
      List<FutexWait> waits = new ArrayList<>();
      queue.lock();
      try {
        queue.forEach(w -> waits.add(new FutexWait(w.thread, w.word, w.since)));
      } finally {
        queue.unlock();
      }
      waits.forEach(action);
    }
  }
}
