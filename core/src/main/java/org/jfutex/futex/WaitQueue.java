// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jfutex.linux.Errno;
import org.jfutex.memory.FutexWord;

/**
 * The waiters of those keys that hash to this queue: a hash table of lists, one list a key, first come first out.
 *
 * <p>The table holds keys, not waiters, and doubles as keys come, so finding a key's list takes the same time however
 * many wait on other words. Nodes are linked in place: nothing is allocated but a larger table, now and then. A node
 * in no list has no links; only those that there are get cleared, because a reference costs more to write than to read.
 *
 * <pre>
 *   chains[hash]  ->  first of key A  -nextKey->  first of key B
 *                          | next                     | next
 *                     second of A                     ...
 * </pre>
 *
 * <p>Every method but {@link #lock} needs the lock. It is held for a few dozen instructions, never while blocking or
 * unparking; a spin lock costs one atomic instruction where a monitor costs two. Where the holder was preempted, a
 * contender yields, then naps.
 */
final class WaitQueue {
  private static final VarHandle LOCKED;

  static {
    try {
      LOCKED = MethodHandles.lookup().findVarHandle(WaitQueue.class, "locked", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int INITIAL_CHAINS = 8;

  /** About the time of a critical section; with one CPU the holder cannot be running. */
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 64 : 0;

  private static final int YIELDS = 16;

  /** For a holder that a real-time thread keeps from running: yielding to it would not help. */
  private static final long NAP_NANOS = 50_000;

  /** Place in the order in which two queues are locked. */
  private final int order;

  @SuppressWarnings("unused") // by LOCKED
  private boolean locked;

  private Waiter[] chains = new Waiter[INITIAL_CHAINS];
  private int keys;

  /** Those taken out since the lock was taken, in order; unlocking unparks them. */
  private Waiter firstTaken;

  private Waiter lastTaken;

  WaitQueue(int order) {
    this.order = order;
  }

  void lock() {
    if (!LOCKED.compareAndSet(this, false, true)) {
      lockContended();
    }
  }

  private void lockContended() {
    for (int turn = 0; !LOCKED.compareAndSet(this, false, true); turn++) {
      if (turn < SPINS) {
        Thread.onSpinWait();
      } else if (turn < SPINS + YIELDS) {
        Thread.yield();
      } else {
        Thread.yield(); // an interrupted thread does not nap
        LockSupport.parkNanos(NAP_NANOS);
      }
    }
  }

  /** Unlocks, and then wakes those who were taken out meanwhile. */
  void unlock() {
    wakeUp(release());
  }

  private Waiter release() {
    Waiter taken = firstTaken;
    if (taken != null) {
      firstTaken = null;
      lastTaken = null;
    }
    LOCKED.setRelease(this, false);
    return taken;
  }

  /** From the write of WOKEN on the node is its waiter's again, who may use it for the next wait at once. */
  private static void wakeUp(Waiter taken) {
    Waiter firstTold = null;
    Waiter lastTold = null;
    for (Waiter w = taken; w != null; ) {
      Waiter following = w.nextTaken;
      if (following != null) {
        w.nextTaken = null;
      }
      if (w.future != null) { // whose node it stays
        if (firstTold == null) {
          firstTold = w;
        } else {
          lastTold.nextTaken = w;
        }
        lastTold = w;
      }
      w.state = Waiter.WOKEN;
      // Read after the write: who sets it later looks at the state afterwards. Another's thread is
      // woken for nothing.
      LockSupport.unpark(w.thread);
      w = following;
    }
    // Now that all are: what depends on one may cancel another, which waits until that was woken.
    for (Waiter w = firstTold; w != null; ) {
      Waiter following = w.nextTaken;
      w.nextTaken = null; // who keeps one future is not to keep the others
      w.future.tell();
      w = following;
    }
  }

  /** Locks two queues, which may be one, in an order that all keep. */
  static void lockBoth(WaitQueue one, WaitQueue other) {
    if (one == other) {
      one.lock();
      return;
    }
    boolean inOrder = one.order < other.order;
    (inOrder ? one : other).lock();
    (inOrder ? other : one).lock();
  }

  /** As {@link #unlock}, for what {@link #lockBoth} locked. */
  static void unlockBoth(WaitQueue one, WaitQueue other) {
    Waiter taken = one.release();
    Waiter takenFromOther = one == other ? null : other.release();
    wakeUp(taken);
    wakeUp(takenFromOther);
  }

  /** The waiter of this futex who came first, or null; the others follow by {@code next}. */
  Waiter first(FutexWord word) {
    for (Waiter w = chains[chainOf(word)]; w != null; w = w.nextKey) {
      if (w.word.isSameFutex(word)) {
        return w;
      }
    }
    return null;
  }

  private int chainOf(FutexWord word) {
    return word.keyHash() & chains.length - 1;
  }

  /** Appends a waiter to the list of its word. */
  void append(Waiter waiter) {
    Waiter first = first(waiter.word);
    if (first == null) {
      if (2 * keys >= chains.length) {
        grow(); // at half full: most chains have one key, and a new one is linked to no other's
        // node
      }
      keys++;
      waiter.last = waiter;
      int chain = chainOf(waiter.word);
      waiter.nextKey = chains[chain];
      chains[chain] = waiter;
    } else {
      waiter.previous = first.last;
      first.last.next = waiter;
      first.last = waiter;
    }
    waiter.setQueueRelease(this);
  }

  /**
   * Takes out waiters that share a bit with {@code bitset}, to be woken.
   *
   * @return how many: at most {@code count}, but one where that is less; -EINVAL if a PI waiter stood in the way
   */
  int take(FutexWord word, int count, int bitset) {
    int taken = 0;
    for (Waiter w = first(word), following; w != null; w = following) {
      following = w.next;
      if (w.isPi()) {
        return -Errno.EINVAL;
      }
      if ((w.bitset & bitset) != 0) {
        take(w);
        if (++taken >= count) {
          return taken;
        }
      }
    }
    return taken;
  }

  /** Takes a waiter out, to be woken; it is in this queue. */
  void take(Waiter waiter) {
    remove(waiter);
    waiter.setQueueRelease(null);
    if (firstTaken == null) {
      firstTaken = waiter;
    } else {
      lastTaken.nextTaken = waiter;
    }
    lastTaken = waiter;
  }

  /** Unlinks a waiter; it is in this queue. What its {@code queue} says is the caller's. */
  void remove(Waiter waiter) {
    Waiter next = waiter.next;
    Waiter previous = waiter.previous;
    if (previous == null) {
      replaceFirst(waiter, next);
    } else {
      previous.next = next;
      if (next != null) {
        next.previous = previous;
      } else {
        first(waiter.word).last = previous;
      }
      waiter.previous = null;
    }
    if (next != null) {
      waiter.next = null;
    }
  }

  /** The second of a list takes the place of the first in the hash chain; without a second the key goes. */
  private void replaceFirst(Waiter first, Waiter second) {
    Waiter follower = first.nextKey;
    if (follower != null) {
      first.nextKey = null;
    }
    if (second != null) {
      second.previous = null;
      second.last = first.last;
      second.nextKey = follower;
      follower = second;
    } else {
      keys--;
    }
    first.last = null;
    int chain = chainOf(first.word);
    if (chains[chain] == first) {
      chains[chain] = follower;
      return;
    }
    Waiter before = chains[chain];
    while (before.nextKey != first) {
      before = before.nextKey;
    }
    before.nextKey = follower;
  }

  private void grow() {
    Waiter[] smaller = chains;
    chains = new Waiter[2 * smaller.length];
    for (Waiter chain : smaller) {
      for (Waiter w = chain; w != null; ) {
        Waiter follower = w.nextKey;
        int at = chainOf(w.word);
        w.nextKey = chains[at];
        chains[at] = w;
        w = follower;
      }
    }
  }

  void forEach(Consumer<Waiter> action) {
    for (Waiter chain : chains) {
      for (Waiter first = chain; first != null; first = first.nextKey) {
        for (Waiter w = first; w != null; w = w.next) {
          action.accept(w);
        }
      }
    }
  }
}
