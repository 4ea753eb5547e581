// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.jfutex.support.VirtualActor;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Virtual threads that sleep for a primitive leave their carriers to others; where only a platform thread can own what
 * is waited for they are refused.
 */
class VirtualThreadSyncTest {
  /** More than there are carriers. */
  private static final int SLEEPERS = 4 * Runtime.getRuntime().availableProcessors() + 8;

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

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  private static Callable<Void> call(Action action) {
    return () -> {
      action.run();
      return null;
    };
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void sleepersPinNoCarrier(Words words) throws Exception {
    FutexWord[] at = new FutexWord[8];
    for (int i = 0; i < at.length; i++) {
      at[i] = words.at(test.memory(), 64L * i);
    }
    SharedEvent event = SharedEvent.manualReset(at[0]);
    sleep(event::await, event::set);
    SharedEvent auto = SharedEvent.autoReset(at[1]);
    sleep(auto::await, setEach(auto));
    SharedEvent never = SharedEvent.manualReset(at[2]);
    SharedEvent any = SharedEvent.manualReset(at[3]);
    sleep(() -> SharedEvent.awaitAny(never, any), any::set);
    SharedLatch latch = SharedLatch.at(at[4], 1);
    sleep(latch::await, latch::countDown);
    SharedBarrier barrier = SharedBarrier.at(at[5], SLEEPERS + 1);
    sleep(barrier::await, barrier::await);
    SharedSemaphore semaphore = SharedSemaphore.at(at[6], 0);
    sleep(semaphore::acquire, () -> semaphore.release(SLEEPERS));
    CompactReadWriteLock lock = CompactReadWriteLock.at(at[7]);
    lock.writeLock().lock();
    sleep(
        () -> {
          lock.readLock().lock();
          lock.readLock().unlock();
        },
        lock.writeLock()::unlock);
    lock.readLock().lock();
    sleep(
        () -> {
          lock.writeLock().lock();
          lock.writeLock().unlock();
        },
        lock.readLock()::unlock);
  }

  /** Set once it was taken: what is set before that is the same event. */
  private static Action setEach(SharedEvent auto) {
    return () -> {
      for (int i = 0; i < SLEEPERS; i++) {
        Eventually.until("taken", () -> !auto.isSet());
        auto.set();
      }
    };
  }

  /** All sleep at once; a virtual thread that comes then runs, and lets them go on. */
  private void sleep(Action wait, Action release) throws Exception {
    List<VirtualActor<Void>> sleepers = new ArrayList<>();
    for (int i = 0; i < SLEEPERS; i++) {
      sleepers.add(VirtualActor.start(call(wait)));
    }
    Eventually.until(
        "all sleep",
        () ->
            FUTEXES.waits().stream()
                    .filter(each -> each.word().memory() == test.memory())
                    .map(each -> each.thread())
                    .distinct()
                    .count()
                == SLEEPERS);
    VirtualActor.start(call(release)).result();
    for (VirtualActor<Void> sleeper : sleepers) {
      sleeper.result();
    }
  }

  @Test
  void isRefusedWhatOnlyPlatformThreadsCanOwn() throws Exception {
    RobustSemaphore semaphore = RobustSemaphore.at(test.memory(), 0, 1);
    SharedReadWriteLock lock = SharedReadWriteLock.at(test.memory(), 1024);
    SharedOnce once = SharedOnce.at(test.memory(), 4096);
    for (Callable<Void> each :
        List.of(
            call(semaphore::acquire),
            call(() -> semaphore.tryAcquire(1, TimeUnit.HOURS)),
            call(lock.readLock()::lock),
            call(lock.writeLock()::lock),
            call(() -> once.run(() -> {})))) {
      String message =
          VirtualActor.start(() -> assertThrows(UnsupportedOperationException.class, each::call))
              .result()
              .getMessage();
      assertTrue(message.contains("found a virtual thread"), message);
    }
    assertEquals(1, semaphore.availablePermits());
  }
}
