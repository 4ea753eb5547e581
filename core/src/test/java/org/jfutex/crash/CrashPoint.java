// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.function.Consumer;

/**
 * Counts the steps of one thread, and ends it before a chosen one. A step is a store to the memory that others see (the
 * mapping, the head of the robust list), or a system call: between two of them a death changes nothing.
 *
 * @see CrashSeam
 */
public final class CrashPoint {
  private static volatile Thread armed;
  private static int stepsLeft; // the armed thread's
  private static Consumer<String> lastWords;
  private static Runnable death;

  private CrashPoint() {}

  /** The calling thread dies before its {@code step}-th step from here, after it said its last words. */
  static void arm(int step, Consumer<String> lastWords, Runnable death) {
    stepsLeft = step;
    CrashPoint.lastWords = lastWords;
    CrashPoint.death = death;
    armed = Thread.currentThread();
  }

  /** The calling thread lives. */
  static void disarm() {
    armed = null;
  }

  /**
   * The calling thread is about to do a step.
   *
   * @param step which one, for the message
   * @return the target, so that a call can be put in front of an access of it
   */
  public static <T> T at(String step, T target) {
    if (Thread.currentThread() == armed && --stepsLeft == 0) {
      armed = null;
      lastWords.accept(step);
      death.run();
      throw new AssertionError("outlived its death before " + step);
    }
    return target;
  }
}
