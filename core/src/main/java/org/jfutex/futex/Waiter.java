// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jfutex.memory.FutexWord;

/**
 * One who waits for one word: a node of a wait queue. For {@link FutexManager#waitPrepare}; may be used again after
 * {@link FutexManager#waitComplete}, by one thread at a time. While it is enqueued it keeps its memory reachable.
 *
 * <pre>
 *   state      set by           meaning
 *   IDLE       the waiter       in no queue
 *   QUEUED     the waiter       in the queue that {@link #queue} names, or, if that is null, being woken
 *   WOKEN      the waker        the waker is done with this node and will not write to it again
 * </pre>
 */
public final class Waiter {
  private static final VarHandle STATE = fieldHandle("state", int.class);
  private static final VarHandle QUEUE = fieldHandle("queue", WaitQueue.class);

  static final int IDLE = 0;
  static final int QUEUED = 1;
  static final int WOKEN = 2;

  volatile int state;

  /** Where it is queued; null once a waker took it out. Changed under the lock of the old and the new queue. */
  volatile WaitQueue queue;

  /** What it waits for; a requeue changes it under the queues' locks. */
  FutexWord word;

  int expected;
  int bitset;
  long since; // when it began to block, 0 before

  /** Who is to be unparked, if anybody. */
  volatile Thread thread;

  /** Whom the waker tells once it is done with this node, if anybody. Set before it is queued. */
  WordFuture future;

  // For PI operations, guarded by the queue's lock; see PiLocks.
  int tid; // what it will write into the word it comes to own
  FutexWord requeueTarget; // not null until it was moved there
  PiLocks.Ownership ownership; // not null while it waits to own the word

  // Links, guarded by the queue's lock. All waiters of one key form a list, of which the first
  // stands in the hash
  // chain for the key; see WaitQueue.
  Waiter next;
  Waiter previous;
  Waiter last; // of the list; kept by its first
  Waiter nextKey; // next in the hash chain; kept by a list's first

  Waiter nextTaken; // next of those taken out together; the waker's own

  /** Next of those in which one thread waits for several words; the thread's own. */
  Waiter nextOfThread;

  private static VarHandle fieldHandle(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(Waiter.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Writes the state without the full fence of a volatile write, which would cost as much as the queue's lock. Enough
   * where this thread reads no other's field afterwards, as a waker reads {@link #thread}.
   */
  void setStateRelease(int value) {
    STATE.setRelease(this, value);
  }

  /** As {@link #setStateRelease}, for the queue; whoever acts on what it reads there checks again under the lock. */
  void setQueueRelease(WaitQueue value) {
    QUEUE.setRelease(this, value);
  }

  /** Whether somebody woke it since it was prepared. Does not block. */
  public boolean isWoken() {
    return state == WOKEN;
  }

  boolean isPi() {
    return ownership != null || requeueTarget != null;
  }

  FutexWord preparedFor() {
    if (state == IDLE) {
      throw new IllegalStateException("this waiter is not prepared; call waitPrepare first");
    }
    return word;
  }

  void checkIdle() {
    if (state != IDLE) {
      throw new IllegalStateException(
          "this waiter is prepared for " + word + " already; call waitComplete first");
    }
  }
}
