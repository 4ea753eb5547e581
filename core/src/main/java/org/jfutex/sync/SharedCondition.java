// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * A condition of a {@link SharedMutex}, for threads of several processes. It works with every kind of mutex.
 *
 * <pre>
 *   0  sequence   u32  what waiters sleep on; every signal changes it
 *   4  waiters    u32  who came and did not go; a killed one is counted for ever
 *   8  signalled  u32  who was signalled and did not go yet; a killed one likewise
 * </pre>
 *
 * <p>All three are written by the owner of the mutex alone. All-zero bytes are a condition that nobody waits for.
 *
 * <p>A signal wakes nobody: the signaller owns the mutex, so it moves the sleeper from the condition to the mutex, and
 * unlocking wakes it. If all were signalled, that unlocking wakes some at once, and theirs the others one by one.
 * Nobody is left asleep: who comes back from a condition takes the mutex as one that others sleep for; and if it dies
 * before that, the kernel wakes the next one, of a robust mutex. To a PI mutex nobody can be moved; there the sleepers
 * are woken, and queue for the mutex by their priorities.
 *
 * <p>Fairness: who waits longest is signalled first, by the order in which they fell asleep. Where all are signalled no
 * order is kept: who is woken and finds the mutex taken queues for it anew, behind the others. Wake-ups may be
 * spurious: a signal that died with the waiter that it woke is made up for by one, within the healing period ({@code
 * -Djfutex.healing=MILLIS}, 500 unless set).
 *
 * <p>If the owner of the mutex dies while a thread waits, {@code await} does what {@code lock} does, except that it
 * returns or throws holding the mutex; without a recovery the unlocking that follows declines. If the mutex became not
 * recoverable, it throws {@link NotRecoverableException} not holding it.
 */
public final class SharedCondition extends Slot implements Condition {
  /** What a condition takes of the memory. */
  public static final int BYTES = 16;

  private static final int SEQUENCE = 0;
  private static final int WAITERS = 4;
  private static final int SIGNALLED = 8;

  private final SharedMutex mutex;
  private final FutexWord sequence;
  private final FutexManager futexes = FutexManager.system();

  private SharedCondition(SharedMutex mutex, MappedMemory memory, long offset) {
    super(Objects.requireNonNull(memory, "memory"), offset, BYTES);
    this.mutex = mutex;
    sequence = memory.word(offset + SEQUENCE);
  }

  /**
   * The condition in the {@link #BYTES} at an offset; all who use it use it with this mutex.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public static SharedCondition at(MappedMemory memory, long offset, SharedMutex mutex) {
    Objects.requireNonNull(mutex, "mutex");
    return new SharedCondition(mutex, memory, offset);
  }

  /** As {@link #at(MappedMemory, long, SharedMutex)}, in a direct buffer. */
  public static SharedCondition at(ByteBuffer direct, int offset, SharedMutex mutex) {
    return at(MappedMemory.wrap(direct), offset, mutex);
  }

  @Override
  public void await() throws InterruptedException {
    awaitInterruptibly(Deadline.NONE);
  }

  @Override
  public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    return awaitInterruptibly(Deadline.after(timeout, unit));
  }

  @Override
  public long awaitNanos(long nanos) throws InterruptedException {
    long deadline = Deadline.after(nanos, TimeUnit.NANOSECONDS);
    awaitInterruptibly(deadline);
    return Deadline.remaining(deadline);
  }

  @Override
  public boolean awaitUntil(Date date) throws InterruptedException {
    return awaitInterruptibly(
        Deadline.at(Instant.ofEpochMilli(Objects.requireNonNull(date, "date").getTime())));
  }

  @Override
  public void awaitUninterruptibly() {
    sleep(false, Deadline.NONE);
  }

  /**
   * @return false if the deadline passed
   */
  private boolean awaitInterruptibly(long deadline) throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    WaitResult result = sleep(true, deadline);
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return result != WaitResult.TIMED_OUT;
  }

  /**
   * Gives the mutex back, sleeps while the sequence is what it was, and takes the mutex again.
   *
   * <p>No signal is lost: it changes the sequence, under the mutex, after this thread read it there; so either the
   * kernel finds it changed, or this thread is asleep and is moved. On the way from one word to the other it is the
   * mutex that is pending in its robust list: if it dies woken, the kernel wakes the next one.
   *
   * @return WOKEN if signalled, or for no reason; TIMED_OUT and INTERRUPTED only if no signal was meant for this thread
   */
  private WaitResult sleep(boolean interruptible, long deadline) {
    CurrentThread self = CurrentThread.get();
    mutex.checkHeld("await");
    add(WAITERS, 1);
    int seen = sequence.getVolatile();
    int holds;
    try {
      holds = mutex.releaseForWait();
    } catch (RuntimeException e) {
      add(WAITERS, -1);
      throw e;
    }
    WaitResult result;
    mutex.beginSleep(self);
    try {
      result = Healing.sleep(sequence, seen, interruptible, deadline);
    } catch (RuntimeException e) {
      mutex.endSleep(self); // thrown out, of closed memory
      throw e;
    }
    try {
      mutex.takeAfterWait(self, holds);
    } finally {
      if (mutex.isHeldByCurrentThread()) {
        add(WAITERS, -1);
        result = outcome(result);
      }
    }
    return result;
  }

  /**
   * Whether this thread was signalled. If its sleep ended otherwise while one who was signalled has not come yet, that
   * may be this thread, moved to the mutex: then it is, and the other one was woken as well.
   */
  private WaitResult outcome(WaitResult result) {
    if (getPlain(SIGNALLED) > 0) {
      add(SIGNALLED, -1);
      return WaitResult.WOKEN;
    }
    return result == WaitResult.VALUE_CHANGED ? WaitResult.WOKEN : result;
  }

  @Override
  public void signal() {
    signal(1);
  }

  @Override
  public void signalAll() {
    signal(FutexManager.ALL);
  }

  /**
   * Changes the sequence, and moves sleepers to the mutex, which this thread owns: it notes first that the mutex has
   * sleepers, so that they are woken even if this thread dies next.
   *
   * <p>Who gave the mutex back and does not sleep yet finds the sequence changed: that one is signalled, too.
   */
  private void signal(int count) {
    mutex.checkHeld("signal");
    if (getPlain(WAITERS) == 0) {
      return;
    }
    int waiting = getPlain(WAITERS) - getPlain(SIGNALLED);
    int next = sequence.getAndAdd(1) + 1;
    int reached;
    if (mutex.addSleepers()) {
      reached = futexes.compareRequeue(sequence, next, mutex.state, 0, count);
      if (reached > 1) {
        mutex.wakeSeveral();
      }
    } else {
      reached = futexes.wake(sequence, count);
    }
    add(SIGNALLED, Math.max(reached, Math.min(count, waiting)));
  }

  private void add(int field, int delta) {
    setPlain(field, getPlain(field) + delta);
  }

  /** How many wait for the condition at an offset, at this moment; a killed one is counted for ever. */
  public static int waiters(MappedMemory memory, long offset) {
    return Objects.requireNonNull(memory, "memory").word(offset + WAITERS).getVolatile();
  }

  @Override
  public String toString() {
    return "condition at offset "
        + sequence.offset()
        + " of "
        + sequence.memory()
        + ", "
        + getPlain(WAITERS)
        + " waiting, of "
        + mutex;
  }
}
