// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.locks.LockSupport;

/** Two threads of one JVM that take turns: {@link LockSupport#park} until the other one unparks. */
final class ParkOperations implements WordsOperations.Pair {
  private final Thread ping = Thread.currentThread();
  private volatile Thread pong; // null until it asked for the first time
  private volatile int sent;
  private volatile int answered;

  /** A round trip. */
  @Override
  public long run(long times) {
    for (long i = 0; i < times; i++) {
      int next = sent + 1;
      sent = next;
      LockSupport.unpark(pong);
      while (answered != next) {
        LockSupport.park();
      }
    }
    return 0;
  }

  @Override
  public boolean answer() throws InterruptedException {
    pong = Thread.currentThread(); // before it looks, or it would sleep for ever
    while (sent == answered) {
      LockSupport.park();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    answered = sent;
    LockSupport.unpark(ping);
    return true;
  }
}
