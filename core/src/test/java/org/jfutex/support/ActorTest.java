// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.FutexWord;
import org.junit.jupiter.api.Test;

/** What the tests go by when they say that a thread blocks. */
class ActorTest {
  @Test
  void aLockOfTheJvmIsNoSharedWord() throws Exception {
    assumeTrue(FutexSyscalls.isExpected(), "no futex system call");
    FutexManager futexes = FutexManager.system();
    CountDownLatch latch = new CountDownLatch(1);
    try (TestMemory test = new TestMemory()) {
      FutexWord word = test.shared(0);
      Actor<Boolean> parked =
          Actor.start(
              () -> {
                latch.await(); // sleeps in futex(2) as well, on a word of the JVM's
                return futexes.wait(word, 0) != null;
              });
      Eventually.until("sleeps in futex(2)", () -> isInFutexCall(parked));
      assertFalse(parked.sleepsOnSharedWord(), "sleeps on a lock of the JVM");
      latch.countDown();
      parked.awaitBlocked(futexes);
      futexes.wake(word, 1);
      parked.result();
    }
  }

  private static boolean isInFutexCall(Actor<?> actor) {
    try {
      return actor.proc("syscall").startsWith(Actor.FUTEX + " ");
    } catch (IOException e) {
      return false; // not started yet
    }
  }
}
