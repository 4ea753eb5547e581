// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.concurrent.TimeUnit;

/** How often who sleeps looks again, in case its wake-up died with another process. */
public final class LookAgain {
  /**
   * System property: how often a sleeper looks again, in ms; 0 or less for never. What is no number is as if it were
   * not set: a lock that refused to work for it would do more harm. {@link #PERIOD_NANOS} tells what is in force.
   */
  public static final String PROPERTY = "jfutex.healing";

  /** Half a second: as rare as a killed process, and 2 wake-ups a second cost a sleeper 0.002 % of a CPU. */
  private static final long DEFAULT_MILLIS = 500;

  /** The time between two looks, in ns; 0 for no second one. */
  public static final long PERIOD_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Math.max(0, Long.getLong(PROPERTY, DEFAULT_MILLIS)));

  private LookAgain() {}

  /** Until when to sleep, where one would sleep until a deadline; see {@link Deadline}. */
  public static long before(long deadline) {
    return within(PERIOD_NANOS, deadline);
  }

  /** As {@link #before}, but for an eighth of the time. */
  public static long soonBefore(long deadline) {
    return within(PERIOD_NANOS / 8, deadline);
  }

  private static long within(long nanos, long deadline) {
    return nanos == 0 || Deadline.remaining(deadline) <= nanos
        ? deadline
        : Deadline.after(nanos, TimeUnit.NANOSECONDS);
  }
}
