// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.LookAgain;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * Lets those who look for work somewhere else, in a queue say, sleep until there may be some. Who publishes work rings,
 * which costs one read while nobody sleeps. An event count: it holds no work, so a ring that nobody hears is not lost.
 *
 * <pre>
 *   offset bits   meaning                       set by                          cleared by
 *   0      0-1    sleepers: 0 none, 1 one,      who is about to sleep           ring(), which wakes all;
 *                 2 perhaps several                                             1: the one who found work
 *   0      2      FENCES: a ring is to fence    who is about to sleep (m)       ring(), when many did in vain
 *   0      3      FENCED: every ring does       who slept for a millisecond (m) with FENCES
 *   0      4-31   rings                         ring() that wakes, counts on    never; it wraps around
 *   4      0-31   mode: 0 not chosen yet,       the first to come               never
 *                 1 fence, 2 membarrier (m)
 * </pre>
 *
 * <p>No ring is lost. Who is about to sleep stores that it sleeps, fences, and looks for work; who publishes stores the
 * work, fences, and looks for sleepers. Of two that do so at one moment, one at least sees what the other stored. Where
 * membarrier(2) is, rings fence only while somebody sleeps now and then, and the first to sleep fences for them too,
 * which takes it microseconds: the mode, see ADR 0016. A process that has no membarrier(2) always rings with a fence
 * of its own, and is refused as a sleeper.
 *
 * <p>Fairness: none, every ring wakes all who sleep. Memory: what happens before {@code ring} happens before what is
 * done after the sleep that it ends; work is published by a release store or stronger, and looked for accordingly.
 *
 * <p>A process killed between publishing and ringing costs the others the healing period at most; one killed asleep
 * costs the next ring a system call.
 */
public final class Doorbell extends Slot {
  /** What a doorbell takes of the memory; all zeros is one that nobody used yet. */
  public static final int BYTES = 8;

  private static final int STATE = 0;
  private static final int MODE = 4;

  private static final int NONE = 0;
  private static final int ONE = 1;
  private static final int SEVERAL = 2;
  private static final int SLEEPERS = 3;
  private static final int FENCES = 1 << 2;
  private static final int FENCED = 1 << 3;
  private static final int RING = 1 << 4; // one of it; they wrap around

  private static final int FENCE = 1;
  private static final int MEMBARRIER = 2;

  /** Whose ring did not fence has stored by then: a store leaves its CPU within microseconds. See ADR 0016. */
  private static final long FIRST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** How many rings fence in vain until they need not: together they take about as long as a membarrier(2). */
  private static final int IN_VAIN_MAX = 512;

  private final FutexWord state;
  private final FutexManager futexes = FutexManager.system();
  private final Spin spin = new Spin();
  private final int mode;
  private final boolean ringsFence;

  private int inVain; // of the rings that fenced; a race only blurs it

  private Doorbell(FutexWord state) {
    super(Objects.requireNonNull(state, "word").memory(), state.offset(), BYTES);
    this.state = state;
    mode = mode();
    ringsFence = mode == FENCE || !AsymmetricFence.HAS_LIGHT;
  }

  /**
   * The doorbell at an offset, shared with all who map the file.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory, or if no doorbell is there
   */
  public static Doorbell at(MappedMemory memory, long offset) {
    return at(Objects.requireNonNull(memory, "memory").word(offset));
  }

  /** The doorbell that begins at a word; a private one is for threads of this JVM. */
  public static Doorbell at(FutexWord word) {
    return new Doorbell(word);
  }

  private int mode() {
    compareAndSet(MODE, 0, AsymmetricFence.HAS_LIGHT ? MEMBARRIER : FENCE);
    int found = getVolatile(MODE);
    if (found != FENCE && found != MEMBARRIER) {
      throw new IllegalArgumentException(
          "found mode "
              + Integer.toUnsignedString(found)
              + " at offset "
              + (state.offset() + MODE)
              + " of "
              + state.memory()
              + ", expected "
              + FENCE
              + " (fence) or "
              + MEMBARRIER
              + " (membarrier): no doorbell is there");
    }
    return found;
  }

  /** Wakes all who sleep. To be called after the store that publishes what they wait for. */
  public void ring() {
    checkOpen();
    if (ringsFence || !isQuiet(getOpaque(STATE))) {
      ringFenced();
    }
  }

  /**
   * Whether a ring has nothing to do, for one who reads the doorbell's first 4 bytes by other means: opaque, after the
   * store that publishes, and only if not {@link #ringsAlwaysFence}.
   */
  public static boolean isQuiet(int word) {
    return (word & (SLEEPERS | FENCES)) == 0;
  }

  /** Whether it takes {@link #ring} to ring, because a read alone could come before the store that publishes. */
  public boolean ringsAlwaysFence() {
    return ringsFence;
  }

  private void ringFenced() {
    VarHandle.fullFence();
    int word = getVolatile(STATE);
    if ((word & SLEEPERS) != NONE) {
      inVain = 0;
      wakeAll(word);
    } else if (++inVain >= IN_VAIN_MAX) {
      inVain = 0;
      compareAndSet(STATE, word, word & ~(FENCES | FENCED)); // fails if somebody is about to sleep
    }
  }

  /** Who takes the sleepers' bits away wakes them. */
  private void wakeAll(int found) {
    int word = found;
    while (!compareAndSet(STATE, word, (word & ~SLEEPERS) + RING)) {
      word = getVolatile(STATE);
      if ((word & SLEEPERS) == NONE) {
        return; // another ring does it, and came after what this thread published
      }
    }
    futexes.wake(state, FutexManager.ALL);
  }

  /**
   * Waits until there is work: looks for it for a moment, awake, and then whenever it was rung.
   *
   * @param ready whether there is work; called by this thread, several times
   * @throws InterruptedException if this thread is interrupted before, or while it sleeps
   * @throws UnsupportedOperationException as {@link #prepare}
   */
  public void await(BooleanSupplier ready) throws InterruptedException {
    await(ready, Deadline.NONE);
  }

  /**
   * As {@link #await(BooleanSupplier)}, for a time; one of 0 or less is one look.
   *
   * @return false if the time is over
   */
  public boolean await(BooleanSupplier ready, long timeout, TimeUnit unit)
      throws InterruptedException {
    return await(ready, Deadline.after(timeout, unit));
  }

  private boolean await(BooleanSupplier ready, long deadline) throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    WaitResult result = await(ready, true, deadline);
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return result == WaitResult.WOKEN;
  }

  /** As {@link #await(BooleanSupplier)}; an interrupt has to wait. */
  public void awaitUninterruptibly(BooleanSupplier ready) {
    await(ready, false, Deadline.NONE);
  }

  /** As {@link #awaitAsync(BooleanSupplier, Executor)}, with the executor of {@link CompletableFuture}'s methods. */
  public CompletableFuture<Void> awaitAsync(BooleanSupplier ready) {
    return awaitAsync(ready, AsyncWait.defaultExecutor());
  }

  /**
   * Waits until there is work, blocking nobody: the future is completed then.
   *
   * <p>To cancel the future ends the wait, and so does {@code orTimeout(1, SECONDS)}, or to complete it in any other
   * way.
   *
   * @param ready whether there is work; called by this thread, and then by the executor, never twice at a time. What it
   *     throws completes the future
   * @param executor asks, and completes the future, unless there is work at once
   */
  public CompletableFuture<Void> awaitAsync(BooleanSupplier ready, Executor executor) {
    Objects.requireNonNull(ready, "ready");
    Objects.requireNonNull(executor, "executor");
    checkOpen();
    return ready.getAsBoolean()
        ? CompletableFuture.completedFuture(null)
        : new AsyncAwait(ready, executor).begin();
  }

  /** The steps of {@link #await}; the first look is the one after the ticket was given. */
  private final class AsyncAwait extends AsyncWait<Void> {
    private final BooleanSupplier ready;
    private final Executor executor;
    private int ticket;
    private long preparedAt;
    private long lookedAt;

    AsyncAwait(BooleanSupplier ready, Executor executor) {
      super(state, executor, null);
      this.ready = ready;
      this.executor = executor;
      prepareTicket();
    }

    private void prepareTicket() {
      ticket = prepare();
      preparedAt = System.nanoTime();
    }

    @Override
    boolean take() {
      while (true) {
        lookedAt = System.nanoTime();
        if (ready.getAsBoolean()) {
          leave();
          return true;
        }
        expected = getVolatile(STATE);
        if (!isRung(expected, ticket)) {
          return false;
        }
        prepareTicket();
      }
    }

    /** Looks again, rung or not, for the work of one who died before ringing; and soon, as a thread does. */
    @Override
    CompletableFuture<WaitResult> sleep(FutexWord word) {
      if (!everyRingFences(expected) && lookedAt - preparedAt >= FIRST_SLEEP_NANOS) {
        relyOnRings(expected); // and looks again, for the word has changed
      }
      long nanos = everyRingFences(expected) ? LookAgain.PERIOD_NANOS : FIRST_SLEEP_NANOS;
      CompletableFuture<WaitResult> sleep = super.sleep(word);
      return nanos == 0
          ? sleep
          : sleep.completeOnTimeout(WaitResult.WOKEN, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    void lookAgain(Runnable look) {
      executor.execute(look);
    }

    @Override
    void giveBack() {} // the work is where it was

    @Override
    void leave() {
      Doorbell.this.cancel(ticket);
    }
  }

  private WaitResult await(BooleanSupplier ready, boolean interruptible, long deadline) {
    if (Objects.requireNonNull(ready, "ready").getAsBoolean()) {
      return WaitResult.WOKEN;
    }
    if (Deadline.hasPassed(deadline)) {
      return WaitResult.TIMED_OUT;
    }
    if (spin(ready)) {
      return WaitResult.WOKEN;
    }
    int ticket = prepare();
    try {
      WaitResult last = WaitResult.WOKEN;
      while (!ready.getAsBoolean()) {
        if (last == WaitResult.INTERRUPTED || last == WaitResult.TIMED_OUT) {
          return last;
        }
        int word = getVolatile(STATE);
        if (isRung(word, ticket)) {
          ticket = prepare();
        } else {
          last = sleep(word, interruptible, deadline);
        }
      }
      return WaitResult.WOKEN;
    } finally {
      cancel(ticket);
    }
  }

  /** Looks at every pause: unlike a lock's owner, who publishes is not slowed down by one who reads. */
  private boolean spin(BooleanSupplier ready) {
    int limit = spin.limit();
    for (int pauses = 1; pauses < 2 * limit; pauses++) {
      Spin.pause(1);
      if (ready.getAsBoolean()) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  /**
   * The first of the steps of {@link #await(BooleanSupplier)}, for loops that are somebody else's: says that this
   * thread is about to sleep. It looks for work once more then, and may {@link #sleep} if there is none; {@link
   * #cancel} ends what this began, whatever happened between.
   *
   * @return a ticket for the other steps
   * @throws UnsupportedOperationException if the doorbell's mode is membarrier, and this process has none
   */
  public int prepare() {
    checkOpen();
    if (mode == MEMBARRIER && !AsymmetricFence.HAS_HEAVY) {
      throw new UnsupportedOperationException(
          "cannot sleep by "
              + this
              + ": it was made where membarrier(2) is, so that a ring does not fence, and this process has none;"
              + " allow membarrier in the sandbox, or have this process make the doorbell, in a new file");
    }
    int word;
    int announced;
    do {
      word = getVolatile(STATE);
      announced = (word & SLEEPERS) == NONE ? word | ONE : word & ~SLEEPERS | SEVERAL;
      announced |= mode == MEMBARRIER ? FENCES : 0;
    } while (!compareAndSet(STATE, word, announced)); // a full fence, of this thread
    if (!everyRingFences(announced)) {
      AsymmetricFence.heavy();
    }
    return announced;
  }

  /**
   * Sleeps until it is rung, and wakes now and then for no reason.
   *
   * @return true if it was rung since the ticket was given, which is used up then: look for work, and prepare anew
   *     before the next sleep; false if not: look for work, and sleep again by the same ticket, if there is none
   */
  public boolean sleep(int ticket) throws InterruptedException {
    return sleep(ticket, Deadline.NONE);
  }

  /** As {@link #sleep(int)}, for a time at most. */
  public boolean sleep(int ticket, long timeout, TimeUnit unit) throws InterruptedException {
    return sleep(ticket, Deadline.after(timeout, unit));
  }

  private boolean sleep(int ticket, long deadline) throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    int word = getVolatile(STATE);
    if (isRung(word, ticket)) {
      return true;
    }
    WaitResult result = sleep(word, true, deadline);
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return isRung(getVolatile(STATE), ticket);
  }

  /** Until every ring fences only for a moment: until a store is there that the kernel forgot to wait for. */
  private WaitResult sleep(int word, boolean interruptible, long deadline) {
    if (everyRingFences(word) || Deadline.remaining(deadline) <= FIRST_SLEEP_NANOS) {
      return Healing.sleep(state, word, interruptible, deadline);
    }
    long soon = Deadline.after(FIRST_SLEEP_NANOS, TimeUnit.NANOSECONDS);
    WaitResult result = Healing.sleep(state, word, interruptible, soon);
    if (result != WaitResult.TIMED_OUT) {
      return result;
    }
    relyOnRings(word);
    return WaitResult.WOKEN;
  }

  private boolean everyRingFences(int word) {
    return mode == FENCE || (word & FENCED) != 0;
  }

  /**
   * From now on who sleeps need not fence for others: this thread has said for long enough that it sleeps, and so that
   * rings are to fence. They were not told otherwise meanwhile: that needs a word without sleepers.
   */
  private void relyOnRings(int word) {
    compareAndSet(STATE, word, word | FENCED);
  }

  /** Gives a ticket back, so that the next ring costs nothing if nobody else sleeps; once used up, does nothing. */
  public void cancel(int ticket) {
    if ((ticket & SLEEPERS) == ONE && !compareAndSet(STATE, ticket, ticket & ~SLEEPERS)) {
      int since = ticket | FENCED;
      compareAndSet(STATE, since, since & ~SLEEPERS);
    }
  }

  private static boolean isRung(int word, int ticket) {
    return (word & SLEEPERS) == NONE || (word & -RING) != (ticket & -RING);
  }

  @Override
  public String toString() {
    return "doorbell at offset " + state.offset() + " of " + state.memory() + ": " + describe();
  }

  private String describe() {
    if (state.memory().isClosed()) {
      return "closed";
    }
    String sleepers =
        switch (getVolatile(STATE) & SLEEPERS) {
          case NONE -> "nobody sleeps";
          case ONE -> "one sleeps";
          default -> "several may sleep";
        };
    return sleepers + (mode == MEMBARRIER ? ", membarrier" : ", fence");
  }
}
