// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
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

  /** {@code Thread.startVirtualThread}, which JDK 17 does not have. */
  private static Thread startVirtual(Runnable task) {
    try {
      return (Thread)
          Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> CompletableFuture<T> onVirtual(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    startVirtual(
        () -> {
          try {
            result.complete(call.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aThousandThatWaitStopNobody(boolean shared) throws Exception {
    int count = 1_000;
    List<CompletableFuture<WaitResult>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      FutexWord word = shared ? test.shared(i % 100) : test.ofThisJvm(i % 100);
      waiters.add(onVirtual(() -> FUTEXES.wait(word, 0)));
    }
    Eventually.until("all wait", () -> waitsOnThisMemory() == count);
    assertEquals("ran", get(onVirtual(() -> "ran")));
    int woken = 0;
    for (int i = 0; i < 100; i++) {
      FutexWord word = shared ? test.shared(i) : test.ofThisJvm(i);
      word.setVolatile(1); // for one that is entered in the table but not yet asleep
      woken += FUTEXES.wake(word, FutexManager.ALL);
    }
    assertTrue(woken <= count);
    for (CompletableFuture<WaitResult> waiter : waiters) {
      get(waiter);
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
      Thread thread =
          startVirtual(
              () -> {
                ends.add(FUTEXES.waitInterruptibly(word, 0));
                ends.add(Thread.currentThread().isInterrupted());
              });
      if (round % 2 == 0) {
        Eventually.until("waits", () -> waitsOnThisMemory() == 1);
      }
      thread.interrupt();
      thread.join();
      assertEquals(List.of(WaitResult.INTERRUPTED, true), List.copyOf(ends));
    }
    CompletableFuture<Throwable> released =
        onVirtual(() -> assertThrows(ClosedMemoryException.class, () -> FUTEXES.wait(word, 0)));
    Eventually.until("waits", () -> waitsOnThisMemory() == 1);
    test.memory().close();
    get(released);
  }

  @Test
  void piOperationsRefuseIt() throws Exception {
    FutexWord word = test.shared(0);
    Throwable refused =
        get(
            onVirtual(
                () ->
                    assertThrows(
                        UnsupportedOperationException.class,
                        () -> FUTEXES.lockPi(word, Deadline.NONE))));
    assertTrue(refused.getMessage().contains("found a virtual thread"), refused.getMessage());
  }
}
