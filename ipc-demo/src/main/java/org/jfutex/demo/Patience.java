// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jfutex.futex.Deadline;

/** How a parent waits for what its children do: not for ever, and not after one of them failed. */
final class Patience {
  /** Some of what children do is plain memory: nobody tells when it changes. */
  private static final long LOOK_AGAIN_MILLIS = 2;

  private final News news;
  private final ChildJvms children;
  private final int seconds;

  Patience(News news, ChildJvms children, int seconds) {
    this.news = news;
    this.children = children;
    this.seconds = seconds;
  }

  /**
   * @param what it waits for, for people
   * @throws ViolationException if it was in vain, or a child failed meanwhile
   */
  void await(String what, BooleanSupplier reached) throws ViolationException {
    long giveUp = Deadline.after(seconds, TimeUnit.SECONDS);
    while (true) {
      int seen = news.seen();
      if (reached.getAsBoolean()) {
        return;
      }
      children.checkNoneFailed();
      if (Deadline.hasPassed(giveUp)) {
        throw new ViolationException("waited " + seconds + " s in vain for " + what);
      }
      news.await(seen, Deadline.after(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
    }
  }

  /** Waits until all children have ended well. */
  void awaitEnd() throws ViolationException {
    children.awaitEnd(seconds, TimeUnit.SECONDS);
  }
}
