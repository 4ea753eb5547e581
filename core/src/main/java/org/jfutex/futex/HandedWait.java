// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A wait in the kernel that a platform thread makes for a virtual one. The virtual thread parks, so its carrier is
 * free; an interrupt of it is passed on. One platform thread a wait: it really sleeps on the word, so no wake is missed
 * and every wake counts.
 */
final class HandedWait implements Runnable {
  private static final long KEEP_ALIVE_SECONDS = 10;

  /** A blocked wait needs a few frames; there may be thousands of these threads. */
  private static final long STACK_BYTES = 256 * 1024;

  /** Started when the first virtual thread waits. */
  private static final class Platform {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Executor THREADS =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Platform::newThread);

    private static Thread newThread(Runnable worker) {
      return new PlatformThread(worker, "jfutex-wait-" + NUMBER.incrementAndGet());
    }
  }

  /** Knows for whom it waits. */
  private static final class PlatformThread extends Thread {
    private Thread waiter;

    PlatformThread(Runnable worker, String name) {
      super(null, worker, name, STACK_BYTES, false);
      setDaemon(true);
    }
  }

  /** The calling thread, or the virtual one for which it waits. */
  static Thread waitingThread() {
    Thread current = Thread.currentThread();
    return current instanceof PlatformThread platform ? platform.waiter : current;
  }

  private final IntSupplier wait;
  private final Thread waiter = Thread.currentThread();
  private Thread platform; // while it runs; guarded by this
  private boolean interrupted; // guarded by this
  private int answer;
  private Throwable failure;
  private volatile boolean done;

  private HandedWait(IntSupplier wait) {
    this.wait = wait;
  }

  /** What {@code wait} answers or throws on a platform thread; an interrupt is passed on if it is interruptible. */
  static int call(IntSupplier wait, boolean interruptible) {
    HandedWait handed = new HandedWait(wait);
    Platform.THREADS.execute(handed);
    boolean interrupted = false;
    while (!handed.done) {
      LockSupport.park(handed);
      // Cleared, or park would not sleep; set again below.
      if (Thread.interrupted()) {
        interrupted = true;
        if (interruptible) {
          handed.interrupt();
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (handed.failure instanceof Error error) {
      throw error;
    }
    if (handed.failure instanceof RuntimeException exception) {
      throw exception;
    }
    return handed.answer;
  }

  private synchronized void interrupt() {
    interrupted = true;
    if (platform != null) {
      platform.interrupt();
    }
  }

  @Override
  @SuppressWarnings("checkstyle:IllegalCatch")
  public void run() {
    begin();
    try {
      answer = wait.getAsInt();
    } catch (RuntimeException | Error e) { // an Error is no wake-up either
      failure = e;
    } finally {
      end();
      done = true;
      LockSupport.unpark(waiter);
    }
  }

  private synchronized void begin() {
    platform = Thread.currentThread();
    ((PlatformThread) platform).waiter = waiter;
    if (interrupted) {
      platform.interrupt();
    }
  }

  /** From here nobody interrupts this thread for this wait; the next one is not to see the status. */
  private synchronized void end() {
    ((PlatformThread) platform).waiter = null;
    platform = null;
    Thread.interrupted();
  }
}
