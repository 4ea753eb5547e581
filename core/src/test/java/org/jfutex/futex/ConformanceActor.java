// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;

/**
 * A thread that makes calls, one at a time, when told to. After a call it stays alive until {@link #exit}: a thread
 * that dies gives up its PI words and the words of its robust list.
 */
final class ConformanceActor {
  /** A thousand of them have to fit. */
  private static final long STACK_BYTES = 256 * 1024;

  private final String name;
  private final ConformanceSubject subject;
  private final FutexEngine engine;
  private final Thread thread;
  private volatile int tid;
  private volatile IntSupplier call; // null: idle
  private volatile Integer result; // of the last call; null while it is under way
  private volatile Throwable failure;
  private volatile boolean exiting;
  private int mostWaits; // of this call

  ConformanceActor(String name, ConformanceSubject subject, FutexEngine engine) {
    this.name = name;
    this.subject = subject;
    this.engine = engine;
    thread = new Thread(null, this::live, "conformance-" + name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }

  private void live() {
    try {
      tid = engine.currentTid();
      for (; ; ) {
        IntSupplier next = call;
        if (next != null) {
          call = null;
          result = next.getAsInt();
        } else if (exiting) {
          return;
        } else {
          LockSupport.park();
        }
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  String name() {
    return name;
  }

  Thread thread() {
    return thread;
  }

  /** Known once the first call was settled. */
  int tid() {
    return tid;
  }

  /** Begins a call; the one before has returned. */
  void begin(IntSupplier next) {
    result = null;
    mostWaits = 0;
    call = next;
    LockSupport.unpark(thread);
  }

  /** Of the last call, or null while that is under way. */
  Integer result() {
    if (failure != null) {
      throw new AssertionError(name + " failed", failure);
    }
    return result;
  }

  /** Whether the last call has returned, or sleeps on a word of the world. */
  boolean isSettled(LongPredicate inWorld) {
    if (result() != null) {
      return true;
    }
    // A call that was not begun yet must not be mistaken for one that blocks.
    if (call != null || tid == 0) {
      return false;
    }
    // Who was woken on one of several words may still be queued on the others.
    int waits = subject.waits(engine, thread, tid, inWorld);
    mostWaits = Math.max(mostWaits, waits);
    return waits > 0 && waits == mostWaits;
  }

  /** Lets the thread end once its call has returned. */
  void exit() {
    exiting = true;
    LockSupport.unpark(thread);
  }

  /** False if it is still there after that time. */
  boolean join(long millis) throws InterruptedException {
    thread.join(Math.max(1, millis));
    return !thread.isAlive();
  }
}
