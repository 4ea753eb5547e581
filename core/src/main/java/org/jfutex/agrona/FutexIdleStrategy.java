// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.sync.Doorbell;

/**
 * Has an agent that finds no work sleep until a {@link Doorbell} is rung: by who publishes work, after it did.
 *
 * <pre>
 *   SPINNING   the first {@link #SPINS} times without work         idle() => pauses
 *   ANNOUNCED  the next duty cycle is the last look for work       idle() => sleeps, and stays until it was rung
 *   work, or reset() => SPINNING, and nobody rings for this thread any more
 * </pre>
 *
 * <p>No ring is lost: it says that it is about to sleep, returns, and sleeps only if the duty cycle after that found
 * nothing either. While the agent works, a ring costs the other side one read. It wakes now and then for no reason, so
 * an agent that is closed, or work whose publisher was killed before it rang, waits for half a second at most; an agent
 * with timers says how long it may sleep.
 *
 * <p>An interrupt ends the sleep, and its status stays set. When the memory of the doorbell was closed, the agent is
 * ended by an {@link AgentTerminationException}. One instance for one thread.
 */
public final class FutexIdleStrategy implements IdleStrategy {
  /** Some microseconds: as long as another core takes to publish what it is busy with. */
  private static final int SPINS = 100;

  private final Doorbell doorbell;
  private final long sleepMaxNanos;
  private int spins;
  private boolean announced;
  private int ticket; // of an announcement

  /** One that sleeps until the doorbell is rung. */
  public FutexIdleStrategy(Doorbell doorbell) {
    this(doorbell, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  /** One that sleeps until the doorbell is rung, but no longer than this at a time; for agents that have timers. */
  public FutexIdleStrategy(Doorbell doorbell, long sleepMax, TimeUnit unit) {
    this.doorbell = Objects.requireNonNull(doorbell, "doorbell");
    sleepMaxNanos = unit.toNanos(sleepMax);
    if (sleepMaxNanos <= 0) {
      throw new IllegalArgumentException(
          "sleepMax " + sleepMax + " " + unit + ", expected more than 0");
    }
  }

  @Override
  public void idle(int workCount) {
    if (workCount > 0) {
      reset();
    } else {
      idle();
    }
  }

  @Override
  public void idle() {
    if (spins < SPINS) {
      spins++;
      Thread.onSpinWait();
      return;
    }
    try {
      if (!announced) {
        ticket = doorbell.prepare();
        announced = true;
      } else if (doorbell.sleep(ticket, sleepMaxNanos, TimeUnit.NANOSECONDS)) {
        announced = false; // used up
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ClosedMemoryException e) {
      throw new AgentTerminationException(e);
    }
  }

  @Override
  public void reset() {
    spins = 0;
    if (announced) {
      announced = false;
      doorbell.cancel(ticket);
    }
  }

  @Override
  public String alias() {
    return "futex";
  }

  @Override
  public String toString() {
    return "FutexIdleStrategy{" + doorbell + "}";
  }
}
