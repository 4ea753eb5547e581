// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.support.VirtualActor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A virtual thread has no id that the kernel knows: it can own a mutex of the normal kind, and no other. */
class VirtualThreadMutexTest {
  private final TestMemory test = new TestMemory();
  private int counter; // not atomic on purpose

  static Stream<MutexKind> ownedByThreadId() {
    return Kinds.all().filter(kind -> !kind.equals(MutexKind.NORMAL));
  }

  @BeforeEach
  void needsJdk21() {
    assumeTrue(Runtime.version().feature() >= 21, "skipped: no virtual threads before JDK 21");
  }

  @AfterEach
  void close() {
    test.close();
  }

  private void awaitWaits(int count, int offset) {
    Eventually.until(
        count + " wait",
        () ->
            FutexManager.system().waits().stream()
                    .filter(wait -> wait.word().memory() == test.memory())
                    .filter(wait -> wait.word().offset() == offset)
                    .count()
                == count);
  }

  private static List<Callable<?>> calls(SharedMutex mutex, SharedCondition condition) {
    return List.of(
        call(mutex::lock),
        call(mutex::lockInterruptibly),
        mutex::tryLock,
        () -> mutex.tryLock(1, TimeUnit.HOURS),
        mutex::acquire,
        mutex::tryAcquire,
        () -> mutex.acquire(Deadline.NONE),
        () -> mutex.acquireInterruptibly(Deadline.NONE),
        call(mutex::unlock),
        call(mutex::makeConsistent),
        call(mutex::decline),
        call(condition::await),
        call(condition::awaitUninterruptibly),
        () -> condition.awaitNanos(1),
        call(condition::signal),
        call(condition::signalAll));
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
  @MethodSource("ownedByThreadId")
  void isRefusedWhereTheOwnerIsAThreadId(MutexKind kind) throws Exception {
    SharedMutex mutex = SharedMutex.at(test.memory(), 0, kind, Kinds.NO_REPAIR);
    SharedCondition condition = SharedCondition.at(test.memory(), 64, mutex);
    for (boolean held : new boolean[] {false, true}) {
      for (Callable<?> each : calls(mutex, condition)) {
        Throwable refused =
            VirtualActor.start(() -> assertThrows(UnsupportedOperationException.class, each::call))
                .result();
        assertTrue(
            refused.getMessage().contains("found a virtual thread, expected a platform thread"),
            refused.getMessage());
        assertEquals(held, mutex.isLocked());
      }
      assertFalse(VirtualActor.start(mutex::isHeldByCurrentThread).result());
      assertEquals(0, VirtualActor.start(mutex::getHoldCount).result());
      if (!held) {
        mutex.lock();
      }
    }
    mutex.unlock();
  }

  @Test
  void ownsTheNormalKind() throws Exception {
    SharedMutex mutex = SharedMutex.at(test.memory(), 0, MutexKind.NORMAL);
    VirtualActor.start(
            call(
                () -> {
                  mutex.lock();
                  assertTrue(mutex.isHeldByCurrentThread());
                  assertEquals(1, mutex.getHoldCount());
                }))
        .result();
    assertTrue(mutex.isLocked());
    assertFalse(mutex.tryLock());
    assertThrows(IllegalMonitorStateException.class, mutex::unlock, "a platform thread");
    VirtualActor.start(call(mutex::unlock)).result();
    assertFalse(mutex.isLocked());
    mutex.lock();
    VirtualActor.start(call(() -> assertThrows(IllegalMonitorStateException.class, mutex::unlock)))
        .result();
    assertTrue(mutex.isHeldByCurrentThread());
    VirtualActor<Void> waiting = VirtualActor.start(call(mutex::lockInterruptibly));
    awaitWaits(1, 0);
    waiting.thread().interrupt();
    Throwable thrown = assertThrows(Exception.class, waiting::result).getCause();
    assertEquals(InterruptedException.class, thrown.getClass());
    assertFalse(VirtualActor.start(() -> mutex.tryLock(1, TimeUnit.MILLISECONDS)).result());
    mutex.unlock();
  }

  @Test
  void aThousandCountTogetherWithPlatformThreads() throws Exception {
    SharedMutex mutex = SharedMutex.at(test.memory(), 0, MutexKind.NORMAL);
    int turns = 20;
    Action count =
        () -> {
          for (int j = 0; j < turns; j++) {
            mutex.lock();
            counter++;
            mutex.unlock();
          }
        };
    List<VirtualActor<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      threads.add(VirtualActor.start(call(count)));
    }
    for (int i = 0; i < 1_000; i++) {
      count.run();
    }
    for (VirtualActor<Void> thread : threads) {
      thread.result();
    }
    assertEquals(2_000 * turns, counter);
    assertFalse(mutex.isLocked());
  }

  @Test
  void waitsForAConditionOfTheNormalKind() throws Exception {
    SharedMutex mutex = SharedMutex.at(test.memory(), 0, MutexKind.NORMAL);
    SharedCondition condition = SharedCondition.at(test.memory(), 64, mutex);
    int count = 50;
    List<VirtualActor<Void>> waiters = new ArrayList<>();
    boolean[] open = new boolean[1];
    for (int i = 0; i < count; i++) {
      waiters.add(
          VirtualActor.start(
              call(
                  () -> {
                    mutex.lock();
                    try {
                      while (!open[0]) {
                        condition.await();
                      }
                      counter++;
                    } finally {
                      mutex.unlock();
                    }
                  })));
    }
    awaitWaits(count, 64);
    VirtualActor<Void> interrupted = waiters.remove(0);
    interrupted.thread().interrupt();
    Throwable thrown = assertThrows(Exception.class, interrupted::result).getCause();
    assertEquals(InterruptedException.class, thrown.getClass());
    VirtualActor.start(
            call(
                () -> {
                  mutex.lock();
                  open[0] = true;
                  condition.signalAll();
                  mutex.unlock();
                }))
        .result();
    for (VirtualActor<Void> waiter : waiters) {
      waiter.result();
    }
    assertEquals(count - 1, counter);
    assertFalse(mutex.isLocked());
    assertFalse(
        VirtualActor.start(
                () -> {
                  mutex.lock();
                  try {
                    return condition.await(1, TimeUnit.MILLISECONDS);
                  } finally {
                    mutex.unlock();
                  }
                })
            .result());
  }
}
