// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Something that happens, and that threads of several processes wait for. All who use one use it in the same of two
 * ways: manual reset, everybody goes on from {@code set} to {@code reset}; auto reset, each {@code set} lets one go on.
 *
 * <pre>
 *   bits   meaning             set by                  cleared by
 *   0      SET                 set()                   reset(); auto reset: who goes on, and so takes it
 *   1      WAITERS: wake       who is about to sleep   set(), which wakes one, or, manual reset, all
 *   2-31   generation          set() counts it on      never; it wraps around
 * </pre>
 *
 * <p>Manual reset: who waits when it is set goes on, even if it is reset before that thread runs. Auto reset: set again
 * before somebody took it, it is set once.
 *
 * <p>Fairness: none; who comes while it is set goes on, and of those who sleep the first is woken.
 *
 * <p>Memory: what happens before {@code set} happens before an {@code await} that it lets go on, in any process. Who
 * takes an auto-reset event that was set several times finds the work of all who set it.
 *
 * <p>A killed process leaves the event as it is; a wake-up that died with it is made up for within the healing period.
 *
 * <p>All-zero bytes are an event that is not set. Win32 has these two kinds of event; here they are a futex.
 */
public final class SharedEvent extends Gate {
  /** What an event takes of the memory. */
  public static final int BYTES = 4;

  /** How many events a thread can wait for at once. */
  public static final int ANY_MAX = 127;

  private static final int SET = 1;
  private static final int WAITERS = 1 << 1;
  private static final int GENERATION = 1 << 2; // one of it; it wraps around
  private static final int GENERATIONS = -GENERATION;

  private final boolean autoReset;

  private SharedEvent(FutexWord state, boolean autoReset) {
    super(state, BYTES, WAITERS);
    this.autoReset = autoReset;
  }

  /**
   * The manual-reset event at an offset, shared with all who map the file.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public static SharedEvent manualReset(MappedMemory memory, long offset) {
    return manualReset(Objects.requireNonNull(memory, "memory").word(offset));
  }

  /** The manual-reset event that is a word; a private one is for threads of this JVM. */
  public static SharedEvent manualReset(FutexWord word) {
    return new SharedEvent(word, false);
  }

  /** The auto-reset event at an offset, as {@link #manualReset(MappedMemory, long)}. */
  public static SharedEvent autoReset(MappedMemory memory, long offset) {
    return autoReset(Objects.requireNonNull(memory, "memory").word(offset));
  }

  /** The auto-reset event that is a word; a private one is for threads of this JVM. */
  public static SharedEvent autoReset(FutexWord word) {
    return new SharedEvent(word, true);
  }

  /** Whether who goes on takes the event, so that the next one has to wait. */
  public boolean isAutoReset() {
    return autoReset;
  }

  /** Whether it is set at this moment. */
  public boolean isSet() {
    checkOpen();
    return isSet(getVolatile(STATE));
  }

  /**
   * Lets everybody go on until it is reset; or, auto reset, one.
   *
   * <p>No wake-up is lost: who sleeps noted WAITERS while the event was not set, and who takes WAITERS away wakes.
   * Manual reset: all. Auto reset: one, who notes WAITERS again for the others when it takes the event or sleeps on;
   * what is set again before that is still the same event, which one is woken for already.
   */
  public void set() {
    checkOpen();
    setEvenIfClosed();
  }

  private void setEvenIfClosed() {
    int word;
    do {
      // Written even if it is set: this orders what this thread did before who takes it next.
      word = getVolatile(STATE);
    } while (!compareAndSet(STATE, word, (word & ~WAITERS) + GENERATION | SET));
    if (hasWaiters(word)) {
      futexes.wake(state, autoReset ? 1 : FutexManager.ALL);
    }
  }

  /** Has everybody wait who comes from now on. */
  public void reset() {
    checkOpen();
    getAndBitwiseAnd(STATE, ~SET);
  }

  @Override
  boolean isOpen(int word, int came) {
    return isSet(word) || !autoReset && (word & GENERATIONS) != (came & GENERATIONS);
  }

  /** Auto reset: SET => not set, and if this thread slept WAITERS. */
  @Override
  boolean pass(int word, boolean slept) {
    return !autoReset || compareAndSet(STATE, word, word & ~SET | (slept ? WAITERS : 0));
  }

  /** Auto reset: sets it again for the next one; that it was set meanwhile, too, is one event, as ever. */
  @Override
  void unpass() {
    if (autoReset) {
      setEvenIfClosed();
    }
  }

  /**
   * Waits for the first of several events.
   *
   * @param events 1 to {@link #ANY_MAX}, all on shared words or all on private ones
   * @return the one that was set, and no other was taken; the first in this order, if several are
   * @throws InterruptedException if this thread is interrupted before, or while it sleeps
   */
  public static SharedEvent awaitAny(SharedEvent... events) throws InterruptedException {
    return awaitAnyInterruptibly(Deadline.NONE, events);
  }

  /**
   * As {@link #awaitAny(SharedEvent...)}, for a time; one of 0 or less is one attempt.
   *
   * @return null if the time is over
   */
  public static SharedEvent awaitAny(long timeout, TimeUnit unit, SharedEvent... events)
      throws InterruptedException {
    return awaitAnyInterruptibly(Deadline.after(timeout, unit), events);
  }

  private static SharedEvent awaitAnyInterruptibly(long deadline, SharedEvent... events)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("before waiting for any of " + events.length + " events");
    }
    SharedEvent passed = awaitAny(true, deadline, events);
    if (passed == null && Thread.interrupted()) {
      throw new InterruptedException("while waiting for any of " + events.length + " events");
    }
    return passed;
  }

  /** As {@link #awaitAny(SharedEvent...)}; an interrupt has to wait. */
  public static SharedEvent awaitAnyUninterruptibly(SharedEvent... events) {
    return awaitAny(false, Deadline.NONE, events);
  }

  private static SharedEvent awaitAny(boolean interruptible, long deadline, SharedEvent... events) {
    check(events);
    for (SharedEvent event : events) {
      if (event.tryAwait()) {
        return event;
      }
    }
    return Deadline.hasPassed(deadline) ? null : sleep(interruptible, deadline, events.clone());
  }

  private static void check(SharedEvent... events) {
    Objects.requireNonNull(events, "events");
    if (events.length < 1 || events.length > ANY_MAX) {
      throw new IllegalArgumentException(
          "found " + events.length + " events to wait for, expected 1 to " + ANY_MAX);
    }
    for (SharedEvent event : events) {
      Objects.requireNonNull(event, "event");
    }
    for (SharedEvent event : events) {
      if (event.state.isShared() != events[0].state.isShared()) {
        throw new IllegalArgumentException(
            "found events on shared words and on private ones, expected one sort: "
                + events[0]
                + ", "
                + event);
      }
    }
  }

  /** As {@link Gate} does for one; null if the time is over, or if this thread was interrupted. */
  private static SharedEvent sleep(boolean interruptible, long deadline, SharedEvent... events) {
    FutexWord[] words = new FutexWord[events.length];
    int[] came = new int[events.length];
    for (int i = 0; i < events.length; i++) {
      words[i] = events[i].state;
      came[i] = words[i].getVolatile();
    }
    int[] expected = new int[events.length];
    SharedEvent passed = null;
    boolean slept = false;
    try {
      WaitResult last = WaitResult.WOKEN;
      while (true) {
        for (int i = 0; i < events.length; i++) {
          expected[i] = events[i].look(came[i], slept);
          if (expected[i] == PASSED) {
            passed = events[i];
            return passed;
          }
        }
        if (last == WaitResult.INTERRUPTED || last == WaitResult.TIMED_OUT) {
          return null;
        }
        slept = true;
        last = Healing.sleepAny(words, expected, interruptible, deadline);
      }
    } finally {
      for (SharedEvent event : events) {
        if (slept && event != passed) {
          event.passOn();
        }
      }
    }
  }

  /**
   * This thread leaves without the event, and may have been woken to take it: of several that were set at one moment it
   * took another. The next one is to be woken instead, or, if it was taken, by the next set().
   */
  @Override
  void passOn() {
    if (!autoReset) {
      return; // all were woken
    }
    int word = getVolatile(STATE);
    if (isSet(word) || !hasWaiters(word) && !compareAndSet(STATE, word, word | WAITERS)) {
      AsyncWait.passOn(state);
    }
  }

  private static boolean isSet(int word) {
    return (word & SET) != 0;
  }

  @Override
  String name() {
    return (autoReset ? "auto" : "manual") + "-reset event";
  }

  @Override
  String describe(int word) {
    return isSet(word) ? "set" : "not set";
  }
}
