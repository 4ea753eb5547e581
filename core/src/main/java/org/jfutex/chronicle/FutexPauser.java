// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.openhft.chronicle.threads.TimingPauser;
import org.jfutex.sync.Doorbell;

/**
 * Has a thread that finds no work sleep until a {@link Doorbell} is rung: a tailer of a Chronicle queue, say, by the
 * appender in another process, after the document was written.
 *
 * <pre>
 *   SPINNING   the first {@link #SPINS} times without work          pause() => pauses
 *   ANNOUNCED  the thread looks for work once more, then            pause() => sleeps, and stays until it was rung
 *   work, which means reset() => SPINNING, and nobody rings for this thread any more
 * </pre>
 *
 * <p>No ring is lost: {@code pause()} says that it is about to sleep, returns, and sleeps only when it is called again
 * without a {@code reset()} between. While the thread works, a ring costs the other side one read. It wakes every half
 * a second for no reason, so work whose publisher was killed before it rang waits no longer than that; a thread with
 * other work to look after says how long it may sleep.
 *
 * <p>An interrupt ends the sleep, and its status stays set. {@link #unpause()} rings: all who sleep by the doorbell
 * look. One instance for one thread, but for {@code unpause()} and the counters. {@code asyncPause()} does nothing.
 */
public final class FutexPauser implements TimingPauser {
  /** Some microseconds: as long as another core takes to publish what it is busy with. */
  private static final int SPINS = 100;

  private final Doorbell doorbell;
  private final long sleepMaxNanos;
  private int spins;
  private boolean announced;
  private int ticket; // of an announcement
  private boolean timed; // since firstNanos
  private long firstNanos;
  private volatile long sleeps;
  private volatile long sleptNanos;

  /** One that sleeps until the doorbell is rung. */
  public FutexPauser(Doorbell doorbell) {
    this(doorbell, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  /** One that sleeps until the doorbell is rung, but no longer than this at a time. */
  public FutexPauser(Doorbell doorbell, long sleepMax, TimeUnit unit) {
    this.doorbell = Objects.requireNonNull(doorbell, "doorbell");
    sleepMaxNanos = unit.toNanos(sleepMax);
    if (sleepMaxNanos <= 0) {
      throw new IllegalArgumentException(
          "sleepMax " + sleepMax + " " + unit + ", expected more than 0");
    }
  }

  @Override
  public void pause() {
    pause(sleepMaxNanos);
  }

  /**
   * As {@link #pause()}, for a time.
   *
   * @throws TimeoutException if it is over since the first of these calls after a {@link #reset()}
   */
  @Override
  public void pause(long timeout, TimeUnit unit) throws TimeoutException {
    long now = System.nanoTime();
    if (!timed) {
      timed = true;
      firstNanos = now;
    }
    long left = unit.toNanos(timeout) - (now - firstNanos);
    if (left <= 0) {
      cancel();
      throw new TimeoutException("no work for " + timeout + " " + unit + " by " + doorbell);
    }
    pause(Math.min(left, sleepMaxNanos));
  }

  private void pause(long nanos) {
    if (spins < SPINS) {
      spins++;
      Thread.onSpinWait();
    } else if (!announced) {
      ticket = doorbell.prepare();
      announced = true;
    } else {
      sleep(nanos);
    }
  }

  private void sleep(long nanos) {
    long began = System.nanoTime();
    try {
      if (doorbell.sleep(ticket, nanos, TimeUnit.NANOSECONDS)) {
        announced = false; // used up
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sleeps = sleeps + 1; // by this thread alone
    sleptNanos = sleptNanos + System.nanoTime() - began;
  }

  private void cancel() {
    if (announced) {
      announced = false;
      doorbell.cancel(ticket);
    }
  }

  /** Work was found. */
  @Override
  public void reset() {
    spins = 0;
    timed = false;
    cancel();
  }

  @Override
  public void unpause() {
    doorbell.ring();
  }

  /** How long it slept, in milliseconds. */
  @Override
  public long timePaused() {
    return TimeUnit.NANOSECONDS.toMillis(sleptNanos);
  }

  /** How often it slept. */
  @Override
  public long countPaused() {
    return sleeps;
  }

  @Override
  public String toString() {
    return "FutexPauser{" + doorbell + "}";
  }
}
