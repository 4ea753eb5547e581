// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.Slot;

/**
 * What threads wait for until it is open, in the forms that {@code java.util.concurrent} has for that. The word says
 * whether it is open, which is the subclass's, and has one bit, WAITERS, which is set in here by who is about to sleep,
 * and cleared by whoever opens the gate and wakes.
 */
abstract sealed class Gate extends Slot permits SharedEvent, SharedLatch {
  static final int STATE = 0;

  /** Answer of {@link #look}; no word to sleep on is 0, since WAITERS is set there. */
  static final int PASSED = 0;

  final FutexWord state;
  final FutexManager futexes = FutexManager.system();
  private final int waiters;
  private final Spin spin = new Spin();

  Gate(FutexWord state, int bytes, int waiters) {
    super(Objects.requireNonNull(state, "word").memory(), state.offset(), bytes);
    this.state = state;
    this.waiters = waiters;
  }

  /** Whether who came when the word was {@code came} passes now that it is {@code word}. */
  abstract boolean isOpen(int word, int came);

  /**
   * Passes an open gate.
   *
   * @param slept whether this thread slept: then others may still do so
   * @return false if the word changed meanwhile
   */
  boolean pass(int word, boolean slept) {
    return true;
  }

  /** What a passing took is put back. */
  void unpass() {}

  /** Who slept leaves without passing, and may have been woken to pass: somebody else is, instead. */
  void passOn() {}

  final boolean hasWaiters(int word) {
    return (word & waiters) != 0;
  }

  /**
   * Goes on, sleeping until it is open.
   *
   * @throws InterruptedException if this thread is interrupted before, or while it sleeps
   */
  public final void await() throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    if (!tryAwait()) {
      Interrupts.throwIf(sleep(true, Deadline.NONE) == WaitResult.INTERRUPTED, this);
    }
  }

  /**
   * As {@link #await()}, for a time; one of 0 or less is one attempt.
   *
   * @return false if the time is over
   */
  public final boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    if (tryAwait()) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    WaitResult result = sleep(true, Deadline.after(timeout, unit));
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return result == WaitResult.WOKEN;
  }

  /** As {@link #await()}; an interrupt has to wait. */
  public final void awaitUninterruptibly() {
    if (!tryAwait()) {
      sleep(false, Deadline.NONE);
    }
  }

  /** Goes on if it is open, without waiting; false if it is not. */
  public final boolean tryAwait() {
    checkOpen();
    int word = getVolatile(STATE);
    while (isOpen(word, word)) {
      if (pass(word, false)) {
        return true;
      }
      word = getVolatile(STATE);
    }
    return false;
  }

  /** As {@link #awaitAsync(Executor)}, with the executor of {@link CompletableFuture}'s own methods. */
  public final CompletableFuture<Void> awaitAsync() {
    return awaitAsync(AsyncWait.defaultExecutor());
  }

  /**
   * Goes on when it is open, blocking nobody: the future is completed then.
   *
   * <p>To cancel the future ends the wait, and so does {@code orTimeout(1, SECONDS)}, or to complete it in any other
   * way. What was passed by then counts as not passed.
   *
   * @param executor completes the future, unless it is open at once; see
   *     {@link FutexManager#waitAsync(FutexWord, int, Executor)}
   */
  public final CompletableFuture<Void> awaitAsync(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return tryAwait() ? CompletableFuture.completedFuture(null) : new AsyncAwait(executor).begin();
  }

  /** The steps of {@link #sleep}. */
  private final class AsyncAwait extends AsyncWait<Void> {
    private final int came = state.getVolatile();
    private boolean slept;

    AsyncAwait(Executor executor) {
      super(state, executor, null);
    }

    @Override
    boolean take() {
      expected = Gate.this.look(came, slept);
      slept = true;
      return expected == PASSED;
    }

    @Override
    void giveBack() {
      unpass();
    }

    @Override
    void leave() {
      Gate.this.passOn();
    }
  }

  /** After an attempt: shut => shut | WAITERS, and it sleeps. */
  private WaitResult sleep(boolean interruptible, long deadline) {
    try {
      int came = state.getVolatile();
      if (spin(came)) {
        return WaitResult.WOKEN;
      }
      WaitResult last = WaitResult.WOKEN;
      for (boolean slept = false; ; slept = true) {
        int word = look(came, slept);
        if (word == PASSED) {
          return WaitResult.WOKEN;
        }
        if (last == WaitResult.INTERRUPTED || last == WaitResult.TIMED_OUT) {
          return last;
        }
        last = Healing.sleep(state, word, interruptible, deadline);
      }
    } catch (ClosedMemoryException e) {
      // This thread may have been woken to pass; one of another process can still do so.
      futexes.wake(state, 1);
      throw e;
    }
  }

  /**
   * Waits a moment, awake, for somebody who is about to open it. Also where WAITERS is set: who slept may have left it
   * there for nobody, and who takes turns by two events would never find it cleared.
   */
  private boolean spin(int came) {
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      int word = state.getVolatile();
      if (isOpen(word, came) && pass(word, false)) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  /** Passes if it is open: {@link #PASSED}. Otherwise notes that somebody waits, and returns the word to sleep on. */
  final int look(int came, boolean slept) {
    while (true) {
      int word = state.getVolatile();
      if (isOpen(word, came)) {
        if (pass(word, slept)) {
          return PASSED;
        }
      } else if (hasWaiters(word) || compareAndSet(STATE, word, word | waiters)) {
        return word | waiters;
      }
    }
  }

  @Override
  public final String toString() {
    return name() + " at offset " + state.offset() + " of " + state.memory() + ": " + describe();
  }

  private String describe() {
    if (state.memory().isClosed()) {
      return "closed";
    }
    int word = state.getVolatile();
    return describe(word) + (hasWaiters(word) ? ", others wait" : "");
  }

  abstract String name();

  abstract String describe(int word);
}
