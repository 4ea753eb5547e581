// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * A counting semaphore for threads of several processes, in Java or C: a process-shared {@code sem_t} of glibc in
 * mapped memory, with the methods of {@link Semaphore}.
 *
 * <pre>
 *   0  value    u32  permits; changed by          acquiring (-1), releasing (+n)
 *   4  waiters  u32  whom releasing is to wake    +1 before sleeping, -1 when acquired or given up
 *   8  sharing  u32  0x80: process-shared
 * </pre>
 *
 * <p>Permits belong to nobody: any thread may release, and what a killed process held is lost. A killed waiter is
 * counted for ever, which costs a system call for each release, no more.
 *
 * <p>Fairness: none; who comes while there is a permit takes it, even if others slept before. Memory: what happens
 * before {@code release} happens before an {@code acquire} of that permit returns, in any process.
 *
 * <p>One that has a name instead of a place in memory is a {@link NamedSemaphore}.
 *
 * <p>All-zero bytes are a process-private one to C, without permits; so a shared one is made, of zeros, by {@link #at}.
 *
 * <p>The algorithm is glibc's: its peers in C sleep on the same word and count in the same fields.
 */
public sealed class SharedSemaphore extends Slot permits NamedSemaphore {
  /** What a semaphore takes of the memory; on a cache line of 64 of its own it is fastest. */
  public static final int BYTES = SemaphoreLayout.BYTES;

  /** As many permits as there can be: C's SEM_VALUE_MAX. */
  public static final int PERMITS_MAX = Integer.MAX_VALUE;

  private static final int DATA = SemaphoreLayout.DATA;
  private static final long ONE_WAITER = SemaphoreLayout.ONE_WAITER;

  private final FutexWord value;
  private final FutexManager futexes = FutexManager.system();
  private final Spin spin = new Spin();

  // What the last one found, and the next one will, most likely; a race only makes that less
  // likely.
  private long beforeTaking;
  private long beforeReleasing;

  SharedSemaphore(FutexWord value) {
    super(value.memory(), value.offset(), BYTES);
    this.value = value;
  }

  /** As {@link #at(FutexWord, int)}, of the shared word at an offset. */
  public static SharedSemaphore at(MappedMemory memory, long offset, int permits) {
    return at(
        Objects.requireNonNull(memory, "memory").word(offset + SemaphoreLayout.VALUE), permits);
  }

  /**
   * The semaphore that begins at a word. If the {@link #BYTES} there are zeros they become one with so many permits; if
   * there is one already, it has those that it has.
   *
   * @param word at an address that is a multiple of 8; a private one for the threads of this JVM alone
   * @param permits 0 to {@link #PERMITS_MAX}
   * @throws IllegalArgumentException if there is no room, or something else, such as a process-private one
   */
  public static SharedSemaphore at(FutexWord word, int permits) {
    checkInitial(permits);
    new SemaphoreLayout(word).findOrCreate(permits);
    return new SharedSemaphore(word);
  }

  static void checkInitial(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException(permits + " permits, expected 0 to " + PERMITS_MAX);
    }
  }

  /**
   * The semaphore at an offset that {@code sem_init} made in C, with a true {@code pshared}, or {@link #at}.
   *
   * @throws IllegalArgumentException if it is process-private, or none at all
   */
  public static SharedSemaphore adopt(MappedMemory memory, long offset) {
    return new SharedSemaphore(adoptable(memory, offset));
  }

  static FutexWord adoptable(MappedMemory memory, long offset) {
    FutexWord word = Objects.requireNonNull(memory, "memory").word(offset + SemaphoreLayout.VALUE);
    new SemaphoreLayout(word).check();
    return word;
  }

  /** Takes a permit, sleeping until there is one or the thread is interrupted. */
  public void acquire() throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    if (!tryTake(1)) {
      Interrupts.throwIf(sleep(true, Deadline.NONE) == WaitResult.INTERRUPTED, this);
    }
  }

  /** Takes a permit, sleeping until there is one; an interrupt has to wait. */
  public void acquireUninterruptibly() {
    if (!tryTake(1)) {
      sleep(false, Deadline.NONE);
    }
  }

  /** Takes a permit if there is one. */
  public boolean tryAcquire() {
    return tryTake(1);
  }

  /** Takes a permit, sleeping until there is one, for so long, or until the thread is interrupted. */
  public boolean tryAcquire(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    if (tryTake(1)) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    WaitResult result = sleep(true, Deadline.after(timeout, unit));
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return result == WaitResult.WOKEN;
  }

  /**
   * As {@link #acquire()}, for 0 or 1.
   *
   * @throws UnsupportedOperationException for more: a thread that waits for several would be woken for each of them,
   *     and sleep again, while one that was satisfied with it sleeps on; C has no such waiters, and wakes none twice
   */
  public void acquire(int permits) throws InterruptedException {
    if (checkWaitsForAtMostOne(permits)) {
      acquire();
    } else {
      Interrupts.throwIfInterrupted(this);
    }
  }

  /** As {@link #acquireUninterruptibly()}, for 0 or 1; see {@link #acquire(int)}. */
  public void acquireUninterruptibly(int permits) {
    if (checkWaitsForAtMostOne(permits)) {
      acquireUninterruptibly();
    }
  }

  /** As {@link #tryAcquire(long, TimeUnit)}, for 0 or 1; see {@link #acquire(int)}. */
  public boolean tryAcquire(int permits, long timeout, TimeUnit unit) throws InterruptedException {
    if (checkWaitsForAtMostOne(permits)) {
      return tryAcquire(timeout, unit);
    }
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    return true;
  }

  /** Takes so many permits if there are; who does not wait for several may take them. */
  public boolean tryAcquire(int permits) {
    checkNotNegative(permits);
    return tryTake(permits);
  }

  /** As {@link #acquireAsync(Executor)}, with the executor of {@link CompletableFuture}'s own methods. */
  public CompletableFuture<Void> acquireAsync() {
    return acquireAsync(AsyncWait.defaultExecutor());
  }

  /**
   * Takes a permit, blocking nobody: the future is completed with it.
   *
   * <p>To cancel the future gives up, and so does {@code orTimeout(1, SECONDS)}, or to complete it in any other way. A
   * permit that came by then is given back. Who waits so is counted like who sleeps, and has no place before it.
   *
   * @param executor completes the future, unless there is a permit at once; see
   *     {@link FutexManager#waitAsync(FutexWord, int, Executor)}
   */
  public CompletableFuture<Void> acquireAsync(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    if (tryTake(1)) {
      return CompletableFuture.completedFuture(null);
    }
    getAndAddLong(DATA, ONE_WAITER);
    return new AsyncAcquire(executor).begin();
  }

  /** The steps of {@link #sleep}. */
  private final class AsyncAcquire extends AsyncWait<Void> {
    AsyncAcquire(Executor executor) {
      super(value, executor, null);
    }

    @Override
    boolean take() {
      return takeAsWaiter();
    }

    @Override
    void giveBack() {
      give(1);
    }

    /** A wake-up that this one took was for a permit, which is still there, for the next one, or is another's. */
    @Override
    void leave() {
      long before = getAndAddLong(DATA, -ONE_WAITER);
      if ((int) before > 0 && waiters(before) > 1) {
        passOn(value);
      }
    }
  }

  private boolean checkWaitsForAtMostOne(int permits) {
    checkNotNegative(permits);
    if (permits > 1) {
      throw new UnsupportedOperationException(
          "cannot wait for "
              + permits
              + " permits, expected 0 or 1: it would take the wake-ups of those who wait for one. Fix: acquire one"
              + " after the other, or tryAcquire(permits): "
              + this);
    }
    return permits == 1;
  }

  private static void checkNotNegative(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException(permits + " permits, expected at least 0");
    }
  }

  private boolean tryTake(int permits) {
    checkOpen();
    long likely = beforeTaking;
    long before = getAndAddLongIf(DATA, likely, permits, PERMITS_MAX, -permits);
    if (before != likely) {
      beforeTaking = before;
    }
    return (int) before >= permits || permits(before) >= permits;
  }

  /** Waits a moment, awake, for somebody who is about to release, unless others sleep already. */
  private boolean spin() {
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      long data = getLongOpaque(DATA);
      if (waiters(data) != 0) {
        return false;
      }
      if (permits(data) > 0 && tryTake(1)) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  /**
   * v, w => v, w + 1, and it sleeps while v is 0; v, w => v - 1, w - 1, and it has a permit; v, w => v, w - 1, and it
   * gives up.
   *
   * @return WOKEN with a permit, TIMED_OUT or INTERRUPTED without
   */
  private WaitResult sleep(boolean interruptible, long deadline) {
    if (spin()) {
      return WaitResult.WOKEN;
    }
    getAndAddLong(DATA, ONE_WAITER);
    try {
      WaitResult last = WaitResult.WOKEN;
      while (!takeAsWaiter()) {
        if (last == WaitResult.TIMED_OUT || last == WaitResult.INTERRUPTED) {
          getAndAddLong(DATA, -ONE_WAITER);
          return last;
        }
        last = Healing.sleep(value, 0, interruptible, deadline);
      }
      return WaitResult.WOKEN;
    } catch (RuntimeException e) {
      getAndAddLong(DATA, -ONE_WAITER);
      futexes.wake(value, 1); // what woke this thread may have been meant for another process
      throw e;
    }
  }

  /** v, w => v - 1, w - 1; false if v is 0. */
  private boolean takeAsWaiter() {
    long data;
    do {
      data = getLongVolatile(DATA);
      if (permits(data) == 0) {
        return false;
      }
    } while (!compareAndSetLong(DATA, data, data - ONE_WAITER - 1));
    return true;
  }

  /** Gives a permit back, or a new one, and wakes one who sleeps. */
  public void release() {
    release(1);
  }

  /**
   * Gives so many permits and wakes as many who sleep.
   *
   * <p>No wake-up is lost: who sleeps was counted before it looked at the value for the last time, and the
   * compare-and-set sees the count. Whom that came too early to wake finds the value changed, in the kernel.
   *
   * @throws IllegalStateException if there would be more than {@link #PERMITS_MAX}, and none is given
   */
  public void release(int permits) {
    checkNotNegative(permits);
    checkOpen();
    give(permits);
  }

  private void give(int permits) {
    int most = PERMITS_MAX - permits;
    long likely = beforeReleasing;
    long before = getAndAddLongIf(DATA, likely, 0, most, permits);
    if (before != likely) {
      beforeReleasing = before;
    }
    if ((int) before < 0 || (int) before > most) {
      permits(before);
      throw new IllegalStateException(
          "cannot release "
              + permits
              + " permits, expected at most "
              + PERMITS_MAX
              + " there: "
              + this);
    }
    if (waiters(before) != 0 && permits != 0) {
      futexes.wake(value, permits);
    }
  }

  /** Takes all permits that there are. */
  public int drainPermits() {
    checkOpen();
    long data;
    do {
      data = getLongOpaque(DATA);
    } while (!compareAndSetLong(DATA, data, data - permits(data)));
    return permits(data);
  }

  /** How many there are at this moment. */
  public int availablePermits() {
    checkOpen();
    return permits(getLongVolatile(DATA));
  }

  /** Whether anybody waits at this moment; true for ever once a process was killed while it did. */
  public boolean hasQueuedThreads() {
    return getQueueLength() != 0;
  }

  /** How many wait at this moment, in whatever process; who was killed while it did is counted, too. */
  public int getQueueLength() {
    checkOpen();
    return waiters(getLongVolatile(DATA));
  }

  private int permits(long data) {
    int permits = (int) data;
    if (permits < 0) {
      throw new IllegalStateException(
          "found "
              + Integer.toUnsignedString(permits)
              + " permits at "
              + value
              + ", expected at most "
              + PERMITS_MAX
              + ": something else wrote into the semaphore");
    }
    return permits;
  }

  private static int waiters(long data) {
    return (int) (data >>> Integer.SIZE);
  }

  /** {@code "semaphore at offset 64 of /dev/shm/pool (4096 bytes): 3 permits, 0 waiting"}. */
  @Override
  public String toString() {
    return "semaphore at offset " + value.offset() + " of " + value.memory() + ": " + describe();
  }

  private String describe() {
    if (value.memory().isClosed()) {
      return "closed";
    }
    long data = getLongVolatile(DATA);
    return Integer.toUnsignedString((int) data)
        + " permits, "
        + Integer.toUnsignedString(waiters(data))
        + " waiting";
  }
}
