// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * Where so many threads of several processes wait for each other, again and again: a {@link CyclicBarrier}.
 *
 * <pre>
 *   0  state    bits 0-14   arrived, in this generation   await(); 0 when it trips, is broken or reset
 *               bit 15      BROKEN                        who times out or is interrupted; cleared by reset()
 *               bits 16-31  generation                    +1 when it trips, and by reset()
 *   4           bits 0-14   parties: how many trip it     written once, by who comes first
 *               bits 15-31  how the last 17 generations   shifted in with the generation
 *                           ended: 1 reset, 0 tripped;
 *                           the last one first
 * </pre>
 *
 * <p>Who waits goes on when the generation changed, and looks how its own one ended: more threads than parties may use
 * a barrier, so it may have tripped or been reset again since.
 *
 * <p>It runs no action when it trips: if the one who runs it were killed, all who wait would do so for ever. Who gets
 * index 0 can do it instead, before all meet once more.
 *
 * <p>Memory: what happens before {@code await} happens before any other {@code await} of that generation returns.
 *
 * <p>Who is killed while it waits has arrived; who is killed before it came is waited for: set a time. A wake-up that
 * died with its waker is made up for within the healing period. All-zero bytes are a barrier that nobody made yet.
 */
public final class SharedBarrier extends Slot {
  /** What a barrier takes of the memory. */
  public static final int BYTES = 8;

  /** How many can wait for each other. */
  public static final int PARTIES_MAX = 32767;

  private static final int STATE = 0;
  private static final int PARTIES = 4;

  private static final int ARRIVED = (1 << 15) - 1;
  private static final int BROKEN = 1 << 15;
  private static final int GENERATION = 1 << 16; // one of it
  private static final int ENDS = 17; // bits beside the parties
  private static final int TRIPPED = 0;
  private static final int RESET = 1;

  private final FutexWord state;
  private final int parties;
  private final Spin spin = new Spin();
  private final FutexManager futexes = FutexManager.system();

  private SharedBarrier(FutexWord state, int parties) {
    super(Objects.requireNonNull(state, "word").memory(), state.offset(), BYTES);
    if (parties < 1 || parties > PARTIES_MAX) {
      throw new IllegalArgumentException(parties + " parties, expected 1 to " + PARTIES_MAX);
    }
    agree(PARTIES, PARTIES_MAX, parties, "parties");
    this.state = state;
    this.parties = parties;
  }

  /**
   * The barrier at an offset, shared with all who map the file; zeros become one at which nobody waits.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @param parties how many trip it, 1 to {@link #PARTIES_MAX}
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory, or of other parties
   */
  public static SharedBarrier at(MappedMemory memory, long offset, int parties) {
    return at(Objects.requireNonNull(memory, "memory").word(offset), parties);
  }

  /** The barrier that begins at a word; at a private one it is for threads of this JVM. */
  public static SharedBarrier at(FutexWord word, int parties) {
    return new SharedBarrier(word, parties);
  }

  /**
   * Arrives, and sleeps until all parties have.
   *
   * @return how many were still to come: 0 for the last one
   * @throws InterruptedException if this thread is interrupted before, or while it sleeps; the barrier is broken then
   * @throws BrokenBarrierException if it is broken, or becomes so, or is reset, while this thread waits
   */
  public int await() throws InterruptedException, BrokenBarrierException {
    try {
      return await(Deadline.NONE);
    } catch (TimeoutException e) {
      throw new AssertionError(e); // there is no deadline
    }
  }

  /**
   * As {@link #await()}, for a time; of 0 or less only the last one arrives in time.
   *
   * @throws TimeoutException if the time is over; the barrier is broken then
   */
  public int await(long timeout, TimeUnit unit)
      throws InterruptedException, BrokenBarrierException, TimeoutException {
    return await(Deadline.after(timeout, unit));
  }

  private int await(long deadline)
      throws InterruptedException, BrokenBarrierException, TimeoutException {
    checkOpen();
    while (Thread.currentThread().isInterrupted()) {
      int word = getVolatile(STATE);
      if (isBroken(word)) {
        throw broken();
      }
      if (breakGeneration(word)) {
        throw interrupted("before");
      }
    }
    int came = arrive();
    if (toCome(came) > 0) {
      sleep(came, deadline);
    }
    return toCome(came);
  }

  /**
   * a => a + 1, to sleep; or the last one, a => 0 of the next generation, and all are woken.
   *
   * <p>No wake-up is lost: who arrives before the last one is seen by its compare-and-set, and, if it does not sleep
   * yet, finds the word changed.
   *
   * @return the word that it found
   */
  private int arrive() throws BrokenBarrierException {
    while (true) {
      long came = getLongVolatile(STATE);
      int word = (int) came;
      if (isBroken(word)) {
        throw broken();
      }
      if (toCome(word) > 0) {
        if (compareAndSet(STATE, word, word + 1)) {
          return word;
        }
      } else if (compareAndSetLong(STATE, came, next(came, TRIPPED))) {
        wakeArrived(word);
        return word;
      }
    }
  }

  /** How many are still to come after one that found this word. */
  private int toCome(int word) {
    return Math.max(0, parties - 1 - arrived(word)); // fewer than none, where something else wrote
  }

  /** Sleeps until the generation of {@code came} is over; returns if it tripped. */
  private void sleep(int came, long deadline)
      throws InterruptedException, BrokenBarrierException, TimeoutException {
    spin(came);
    WaitResult last = WaitResult.WOKEN;
    while (true) {
      checkOpen();
      long now = getLongVolatile(STATE);
      if (hasTripped(now, came)) {
        return;
      }
      int word = (int) now;
      if (last == WaitResult.INTERRUPTED || last == WaitResult.TIMED_OUT) {
        if (!breakGeneration(word)) {
          continue;
        }
        if (last == WaitResult.TIMED_OUT) {
          throw new TimeoutException("waiting at " + this);
        }
        throw interrupted("while");
      }
      last = Healing.sleep(state, word, true, deadline);
    }
  }

  /** Whether the generation of {@code came} is over, and how. */
  private boolean hasTripped(long now, int came) throws BrokenBarrierException {
    int since = (generation((int) now) - generation(came)) >>> Short.SIZE;
    if (since != 0 && end(now, since) == TRIPPED) {
      return true;
    }
    if (since != 0 || isBroken((int) now)) {
      throw broken();
    }
    return false;
  }

  /** As {@link #awaitAsync(Executor)}, with the executor of {@link CompletableFuture}'s own methods. */
  public CompletableFuture<Integer> awaitAsync() {
    return awaitAsync(AsyncWait.defaultExecutor());
  }

  /**
   * Arrives, blocking nobody: the future is completed when all parties have, with how many were still to come.
   *
   * <p>To cancel the future breaks the barrier, as an interrupt of a thread that waits does; and so does {@code
   * orTimeout(1, SECONDS)}, or to complete it in any other way.
   *
   * @param executor completes the future, but that of the last one to come; see
   *     {@link FutexManager#waitAsync(FutexWord, int, Executor)}
   * @return completed with a {@link BrokenBarrierException} where {@link #await()} would throw it
   */
  public CompletableFuture<Integer> awaitAsync(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    checkOpen();
    try {
      int came = arrive();
      return toCome(came) == 0
          ? CompletableFuture.completedFuture(0)
          : new AsyncAwait(came, executor).begin();
    } catch (BrokenBarrierException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** The steps of {@link #sleep}. */
  private final class AsyncAwait extends AsyncWait<Integer> {
    private final int came;

    AsyncAwait(int came, Executor executor) {
      super(state, executor, toCome(came));
      this.came = came;
    }

    @Override
    boolean take() throws BrokenBarrierException {
      long now = getLongVolatile(STATE);
      expected = (int) now;
      return hasTripped(now, came);
    }

    @Override
    void giveBack() {} // it tripped; nobody can take that back

    @Override
    void leave() {
      if (state.memory().isClosed()) {
        return; // as one that was killed
      }
      try {
        for (long now = getLongVolatile(STATE); !hasTripped(now, came); ) {
          if (breakGeneration((int) now)) {
            return;
          }
          now = getLongVolatile(STATE);
        }
      } catch (BrokenBarrierException e) {
        // By somebody else.
      }
    }
  }

  /** Waits a moment, awake, for the others: they may be about to come, unless they need this CPU for that. */
  private void spin(int came) {
    int limit = parties > Spin.CPUS ? 0 : spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      int word = state.getVolatile();
      if (generation(word) != generation(came) || isBroken(word)) {
        spin.helped(limit);
        return;
      }
    }
    spin.wasInVain(limit);
  }

  /** a => 0, BROKEN, and all are woken; false if the word changed meanwhile. */
  private boolean breakGeneration(int word) {
    if (!compareAndSet(STATE, word, generation(word) | BROKEN)) {
      return false;
    }
    wakeArrived(word);
    return true;
  }

  private void wakeArrived(int word) {
    if (arrived(word) > 0) {
      futexes.wake(state, FutexManager.ALL);
    }
  }

  /** Begins anew; who waits gets a {@link BrokenBarrierException}. */
  public void reset() {
    checkOpen();
    long both;
    do {
      both = getLongVolatile(STATE);
    } while (!compareAndSetLong(STATE, both, next(both, RESET)));
    wakeArrived((int) both);
  }

  /** Whether somebody timed out or was interrupted, and nobody has reset it since. */
  public boolean isBroken() {
    checkOpen();
    return isBroken(getVolatile(STATE));
  }

  /** How many trip it. */
  public int getParties() {
    return parties;
  }

  /** How many wait at this moment. */
  public int getNumberWaiting() {
    checkOpen();
    return arrived(getVolatile(STATE));
  }

  private static int arrived(int word) {
    return word & ARRIVED;
  }

  private static boolean isBroken(int word) {
    return (word & BROKEN) != 0;
  }

  private static int generation(int word) {
    return word & -GENERATION;
  }

  /** What begins when a generation ends. */
  private static long next(long both, int end) {
    int generation = generation((int) both) + GENERATION;
    int parties = (int) (both >>> Integer.SIZE) & PARTIES_MAX;
    int ends = ends(both) << 1 | end;
    return (long) (ends << Integer.SIZE - ENDS | parties) << Integer.SIZE
        | Integer.toUnsignedLong(generation);
  }

  private static int ends(long both) {
    return (int) (both >>> Long.SIZE - ENDS);
  }

  /** How the generation ended that was the current one so many ago; of those forgotten, as the oldest known. */
  private static int end(long both, int ago) {
    return ends(both) >>> Math.min(ago, ENDS) - 1 & 1;
  }

  private InterruptedException interrupted(String when) {
    Thread.interrupted();
    return new InterruptedException(when + " waiting at " + this);
  }

  private BrokenBarrierException broken() {
    return new BrokenBarrierException(
        "somebody timed out, was interrupted or reset it, expected all to arrive: " + this);
  }

  /** {@code "barrier at offset 64 of /dev/shm/book: 1 of 3 wait"}. */
  @Override
  public String toString() {
    return "barrier at offset " + state.offset() + " of " + state.memory() + ": " + describe();
  }

  private String describe() {
    if (state.memory().isClosed()) {
      return "closed";
    }
    int word = state.getVolatile();
    return isBroken(word) ? "broken" : arrived(word) + " of " + parties + " wait";
  }
}
