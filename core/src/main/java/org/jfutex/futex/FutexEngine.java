// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.function.Consumer;
import org.jfutex.linux.Errno;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Something that makes threads wait on words and wakes them: futex(2), for words instead of addresses.
 *
 * <p>Every operation answers as Linux does: a value of at least 0, or minus errno. The engines are compared with the
 * kernel answer by answer, so what is odd there is odd here: a wake count of 0 wakes one, a requeue answers woken plus
 * requeued. Beyond Linux there are {@code -EINTR}, which means {@link Thread#interrupt()} and comes only where
 * {@code interruptible} says so (signals are never seen), and {@link #release}. Deadlines are those of
 * {@link Deadline}.
 *
 * <p>A wait sleeps only if the word holds {@code expected} after the waiter can be found by a wake: a waker that
 * changes the word first and wakes afterwards is never missed.
 */
interface FutexEngine {

  /** 0 woken; -EAGAIN other value; -ETIMEDOUT; -EINTR; -EINVAL no bit set. */
  int wait(FutexWord word, int expected, int bitset, long deadline, boolean interruptible);

  /** How many were woken; -EINVAL no bit set, or a PI waiter is queued. */
  int wake(FutexWord word, int count, int bitset);

  /** Woken plus requeued; -EINVAL a negative count, or a PI waiter is queued. */
  int requeue(FutexWord word, FutexWord target, int wakeCount, int requeueCount);

  /** As {@link #requeue}; -EAGAIN other value. */
  int compareRequeue(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount);

  /** Woken on both; -ENOSYS undefined operation (nothing done) or comparison (the change done). */
  int wakeOp(FutexWord word, int count, FutexWord second, int secondCount, int encodedOperation);

  /**
   * The index of a woken word, the highest if several; -EAGAIN some other value; -ETIMEDOUT; -EINTR; -EINVAL none or
   * more than 128 words (127 if interruptible).
   */
  int waitAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible);

  /**
   * 0 the word has the expected value; -EAGAIN some other; -EFAULT its page is gone. Where there is a kernel, nobody
   * else reads the word.
   */
  default int look(FutexWord word, int expected) {
    return word.getVolatile() == expected ? 0 : -Errno.EAGAIN;
  }

  /**
   * As {@link #waitAny} with valid arguments, for one who looks at the words afterwards: that some word has another
   * value may be told as -ETIMEDOUT or -EINTR. Where there is a kernel, nobody else reads the words.
   */
  default int sleepForAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    return waitAny(words, expected, deadline, interruptible);
  }

  /** 0 now the owner; -EDEADLK was already; -ESRCH the owner does not exist; -ETIMEDOUT; -EINTR; -EINVAL. */
  int lockPi(FutexWord word, long deadline, boolean interruptible);

  /** 0 now the owner; -EAGAIN another is; -EDEADLK was already; -ESRCH. */
  int tryLockPi(FutexWord word);

  /** 0 handed to the first waiter or free; -EPERM not the owner; -EINVAL a waiter that is no PI waiter. */
  int unlockPi(FutexWord word);

  /** 0 now the owner of {@code target}; -EAGAIN other value, or interrupted after the requeue; -ETIMEDOUT; -EINVAL. */
  int waitRequeuePi(FutexWord word, int expected, FutexWord target, long deadline);

  /** Owners made plus requeued; -EAGAIN other value; -EINVAL wake count not 1, or a waiter of another kind. */
  int compareRequeuePi(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount);

  /** What a PI word holds while the calling thread is its owner. */
  default int currentTid() {
    return ThreadIds.current();
  }

  /** 0 enqueued; -EAGAIN other value; -EINVAL no bit set. Never blocks. */
  int prepare(Waiter waiter, FutexWord word, int expected, int bitset);

  /** Blocks until a prepared waiter is woken: 0, -ETIMEDOUT or -EINTR. It still has to be completed. */
  int await(Waiter waiter, long deadline, boolean interruptible);

  /** Ends what {@link #prepare} began: 1 if the waiter was woken meanwhile, else 0. */
  int complete(Waiter waiter);

  /** Makes every thread that waits on a word of this memory return, as if woken. */
  void release(MappedMemory memory);

  /** Shows every wait of this JVM that this engine knows of. */
  void forEachWait(Consumer<FutexWait> action);
}
