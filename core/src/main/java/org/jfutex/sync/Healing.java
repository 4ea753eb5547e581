// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;

/**
 * Makes up for a wake-up that died with its receiver: a thread that was killed after it was woken, and before it took
 * what it was woken for, leaves the others asleep. So whoever sleeps looks again now and then; a death may cost that
 * long, and no more.
 */
final class Healing {
  /** System property: how often a sleeper looks again, in ms; 0 for never. */
  static final String PROPERTY = "jfutex.healing";

  /** Half a second: as rare as a killed process, and 2 wake-ups a second cost a sleeper 0.002 % of a CPU. */
  private static final long DEFAULT_MILLIS = 500;

  private static final long PERIOD_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Math.max(0, Long.getLong(PROPERTY, DEFAULT_MILLIS)));

  private Healing() {}

  /**
   * Until when to sleep, where the caller would sleep until a deadline: who finds that it has not passed looks again.
   */
  static long lookAgain(long deadline) {
    return PERIOD_NANOS == 0 || Deadline.remaining(deadline) <= PERIOD_NANOS
        ? deadline
        : Deadline.after(PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }
}
