// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.locks.LockSupport;

/** Two threads of one JVM, each on a CPU, that take turns: {@link LockSupport#park} until the other one unparks. */
final class ParkOperations implements Loop.Operation {
  private final Thread ping = Thread.currentThread();
  private final Thread pong = new Thread(this::answer, "pong");
  private final String pongCpu;
  private volatile int sent;
  private volatile int answered;

  /** For the thread that calls this. */
  ParkOperations(String pongCpu, String pingCpu) throws Exception {
    this.pongCpu = pongCpu;
    CpuPin.pinCurrentThread(pingCpu);
    pong.setDaemon(true);
    pong.start();
  }

  /** A round trip. */
  @Override
  public long run(long times) {
    for (long i = 0; i < times; i++) {
      int next = sent + 1;
      sent = next;
      LockSupport.unpark(pong);
      while (answered != next) {
        if (!pong.isAlive()) {
          throw new IllegalStateException("the pong has ended; its exception is on stderr");
        }
        LockSupport.park();
      }
    }
    return 0;
  }

  private void answer() {
    try {
      CpuPin.pinCurrentThread(pongCpu);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    while (true) {
      answerOnce();
    }
  }

  /** A method that never returns would stay as the JIT compiled it first. */
  private void answerOnce() {
    while (sent == answered) {
      LockSupport.park();
    }
    answered = sent;
    LockSupport.unpark(ping);
  }
}
