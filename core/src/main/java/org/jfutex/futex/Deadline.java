// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Absolute deadlines, each a {@code long}, so that waiting until one allocates nothing.
 *
 * <pre>
 *   0 .. MAX_VALUE-1   monotonic: nanoseconds of System.nanoTime(), which is CLOCK_MONOTONIC on Linux
 *   MAX_VALUE          {@link #NONE}: wait for ever
 *   negative           wall clock: the complement (~) of the nanoseconds since the epoch
 * </pre>
 *
 * A timeout becomes a deadline once, on entry; a loop then waits until the same deadline however often it wakes.
 */
public final class Deadline {
  /** No deadline. */
  public static final long NONE = Long.MAX_VALUE;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Deadline() {}

  /**
   * A timeout from now on the monotonic clock. One of 0 or less has passed already; one too far away to count is
   * {@link #NONE}.
   */
  public static long after(long timeout, TimeUnit unit) {
    Objects.requireNonNull(unit, "unit");
    long now = System.nanoTime();
    long nanos = unit.toNanos(timeout);
    if (nanos <= 0) {
      return Math.max(now, 0);
    }
    long deadline = now + nanos;
    return deadline < now ? NONE : Math.max(deadline, 0);
  }

  /** A point of the wall clock; it moves when somebody sets the clock. */
  public static long at(Instant instant) {
    long seconds = Objects.requireNonNull(instant, "instant").getEpochSecond();
    if (seconds < 0) {
      return ~0L;
    }
    if (seconds >= Long.MAX_VALUE / NANOS_PER_SECOND) {
      return NONE;
    }
    return ~(seconds * NANOS_PER_SECOND + instant.getNano());
  }

  /** Whether this is a deadline of the wall clock. */
  public static boolean isRealtime(long deadline) {
    return deadline < 0;
  }

  /** Nanoseconds on the deadline's own clock: since the epoch, or of {@link System#nanoTime()}. */
  public static long nanos(long deadline) {
    return isRealtime(deadline) ? ~deadline : deadline;
  }

  /** Nanoseconds until the deadline, 0 or less once it has passed; MAX_VALUE for {@link #NONE}. */
  public static long remaining(long deadline) {
    if (deadline == NONE) {
      return Long.MAX_VALUE;
    }
    // The wall clock in whole milliseconds, rounded down: a wait may end a little late, never
    // early.
    return isRealtime(deadline)
        ? ~deadline - TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis())
        : deadline - System.nanoTime();
  }

  /** Whether the deadline has passed. */
  public static boolean hasPassed(long deadline) {
    return remaining(deadline) <= 0;
  }
}
