// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.LookAgain;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;

/**
 * Makes up for a wake-up that died with its receiver: a thread that was killed after it was woken, and before it took
 * what it was woken for, leaves the others asleep. So whoever sleeps looks again now and then; a death may cost that
 * long, and little more.
 */
final class Healing {
  private static final FutexManager FUTEXES = FutexManager.system();

  private Healing() {}

  /**
   * Sleeps while a word is what is expected, and looks again now and then: {@link WaitResult#WOKEN} then, as for any
   * other spurious wake-up. {@link WaitResult#TIMED_OUT} is the caller's own deadline.
   */
  static WaitResult sleep(FutexWord word, int expected, boolean interruptible, long deadline) {
    return sleepUntil(LookAgain.before(deadline), word, expected, interruptible, deadline);
  }

  /** As {@link #sleep}, for an eighth of the time: whom it asks about may look at the same moment, but not twice. */
  static WaitResult nap(FutexWord word, int expected, boolean interruptible, long deadline) {
    return sleepUntil(LookAgain.soonBefore(deadline), word, expected, interruptible, deadline);
  }

  private static WaitResult sleepUntil(
      long until, FutexWord word, int expected, boolean interruptible, long deadline) {
    WaitResult result =
        interruptible
            ? FUTEXES.waitInterruptibly(word, expected, FutexManager.ANY_BIT, until)
            : FUTEXES.wait(word, expected, FutexManager.ANY_BIT, until);
    return healed(result, deadline);
  }

  /** As {@link #sleep}, while each of several words is what is expected there. */
  static WaitResult sleepAny(
      FutexWord[] words, int[] expected, boolean interruptible, long deadline) {
    long until = LookAgain.before(deadline);
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
}
