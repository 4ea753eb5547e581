// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;

/**
 * Makes up for a wake-up that died with its receiver: a thread that was killed after it was woken, and before it took
 * what it was woken for, leaves the others asleep. So whoever sleeps looks again now and then; a death may cost that
 * long, and no more.
 */
public final class Healing {
  /**
   * System property: how often a sleeper looks again, in ms; 0 or less for never. What is no number is as if it were
   * not set: a lock that refused to work for it would do more harm. {@link #period} tells what is in force.
   */
  static final String PROPERTY = "jfutex.healing";

  /** Half a second: as rare as a killed process, and 2 wake-ups a second cost a sleeper 0.002 % of a CPU. */
  private static final long DEFAULT_MILLIS = 500;

  private static final long PERIOD_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Math.max(0, Long.getLong(PROPERTY, DEFAULT_MILLIS)));

  private static final FutexManager FUTEXES = FutexManager.system();

  private Healing() {}

  /** How often a sleeper of this JVM looks again: 500 ms, unless {@code -Djfutex.healing=MILLIS}; zero for never. */
  public static Duration period() {
    return Duration.ofNanos(PERIOD_NANOS);
  }

  /**
   * Sleeps while a word is what is expected, and looks again now and then: {@link WaitResult#WOKEN} then, as for any
   * other spurious wake-up. {@link WaitResult#TIMED_OUT} is the caller's own deadline.
   */
  static WaitResult sleep(FutexWord word, int expected, boolean interruptible, long deadline) {
    long until = lookAgain(deadline);
    WaitResult result =
        interruptible
            ? FUTEXES.waitInterruptibly(word, expected, FutexManager.ANY_BIT, until)
            : FUTEXES.wait(word, expected, FutexManager.ANY_BIT, until);
    return healed(result, deadline);
  }

  /** As {@link #sleep}, while each of several words is what is expected there. */
  static WaitResult sleepAny(
      FutexWord[] words, int[] expected, boolean interruptible, long deadline) {
    long until = lookAgain(deadline);
    int answer =
        interruptible
            ? FUTEXES.waitAnyInterruptibly(words, expected, until)
            : FUTEXES.waitAny(words, expected, until);
    return switch (answer) {
      case FutexManager.VALUE_CHANGED -> WaitResult.VALUE_CHANGED;
      case FutexManager.TIMED_OUT -> healed(WaitResult.TIMED_OUT, deadline);
      case FutexManager.INTERRUPTED -> WaitResult.INTERRUPTED;
      default -> WaitResult.WOKEN;
    };
  }

  /** Whose time to look again is over was woken; whose own time is over was not. */
  private static WaitResult healed(WaitResult result, long deadline) {
    return result == WaitResult.TIMED_OUT && !Deadline.hasPassed(deadline)
        ? WaitResult.WOKEN
        : result;
  }

  /** Until when to sleep, where the caller would sleep until a deadline. */
  private static long lookAgain(long deadline) {
    return PERIOD_NANOS == 0 || Deadline.remaining(deadline) <= PERIOD_NANOS
        ? deadline
        : Deadline.after(PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }
}
