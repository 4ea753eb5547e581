// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.jfutex.support.VirtualActor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A virtual thread that waits leaves its carrier to others. */
class VirtualThreadTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();

  @BeforeEach
  void needsJdk21() {
    assumeTrue(Runtime.version().feature() >= 21, "skipped: no virtual threads before JDK 21");
  }

  @AfterEach
  void close() {
    test.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aThousandThatWaitStopNobody(boolean shared) throws Exception {
    int count = 1_000;
    List<VirtualActor<WaitResult>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      FutexWord word = shared ? test.shared(i % 100) : test.ofThisJvm(i % 100);
      waiters.add(VirtualActor.start(() -> FUTEXES.wait(word, 0)));
    }
    Eventually.until("all wait", () -> waitsOnThisMemory() == count);
    assertEquals("ran", VirtualActor.start(() -> "ran").result());
    int woken = 0;
    for (int i = 0; i < 100; i++) {
      FutexWord word = shared ? test.shared(i) : test.ofThisJvm(i);
      word.setVolatile(1); // for one that is entered in the table but not yet asleep
      woken += FUTEXES.wake(word, FutexManager.ALL);
    }
    assertTrue(woken <= count);
    for (VirtualActor<WaitResult> waiter : waiters) {
      waiter.result();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aThousandThatWaitForFuturesStopNobody(boolean shared) throws Exception {
    FutexWord word = shared ? test.shared(0) : test.ofThisJvm(0);
    List<VirtualActor<WaitResult>> waiters = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiters.add(VirtualActor.start(() -> FUTEXES.waitAsync(word, 0).get(60, TimeUnit.SECONDS)));
    }
    Eventually.until("somebody waits", () -> waitsOnThisMemory() > 0);
    assertEquals("ran", VirtualActor.start(() -> "ran").result());
    word.setVolatile(1);
    FUTEXES.wake(word, FutexManager.ALL);
    for (VirtualActor<WaitResult> waiter : waiters) {
      waiter.result();
    }
  }

  private long waitsOnThisMemory() {
    return FUTEXES.waits().stream().filter(w -> w.word().memory() == test.memory()).count();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interruptAndCloseReachIt(boolean shared) throws Exception {
    FutexWord word = shared ? test.shared(0) : test.ofThisJvm(0);
    for (int round = 0; round < 50; round++) {
      ConcurrentLinkedQueue<Object> ends = new ConcurrentLinkedQueue<>();
      VirtualActor<Boolean> waiter =
          VirtualActor.start(
              () -> {
                ends.add(FUTEXES.waitInterruptibly(word, 0));
                return ends.add(Thread.currentThread().isInterrupted());
              });
      if (round % 2 == 0) {
        Eventually.until("waits", () -> waitsOnThisMemory() == 1);
      }
      waiter.thread().interrupt();
      waiter.result();
      assertEquals(List.of(WaitResult.INTERRUPTED, true), List.copyOf(ends));
    }
    VirtualActor<Throwable> released =
        VirtualActor.start(
            () -> assertThrows(ClosedMemoryException.class, () -> FUTEXES.wait(word, 0)));
    Eventually.until("waits", () -> waitsOnThisMemory() == 1);
    test.memory().close();
    released.result();
  }

  @Test
  void piOperationsRefuseIt() throws Exception {
    FutexWord word = test.shared(0);
    Throwable refused =
        VirtualActor.start(
                () ->
                    assertThrows(
                        UnsupportedOperationException.class,
                        () -> FUTEXES.lockPi(word, Deadline.NONE)))
            .result();
    assertTrue(refused.getMessage().contains("found a virtual thread"), refused.getMessage());
  }
}
