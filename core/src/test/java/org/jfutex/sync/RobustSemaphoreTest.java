// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the robust semaphore promises beyond {@link SemaphoreContractTest}. */
class RobustSemaphoreTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private RobustSemaphore semaphore(int permits) {
    return RobustSemaphore.at(test.memory(), 0, permits);
  }

  private static Actor<Boolean> acquirer(RobustSemaphore semaphore) {
    return Actor.start(
        () -> {
          semaphore.acquire();
          return true;
        });
  }

  @Test
  void bytes() {
    assertEquals(64 + 3 * 64, RobustSemaphore.bytes(3));
    RobustSemaphore semaphore = semaphore(3);
    assertTrue(semaphore.tryAcquire(3));
    ByteBuffer bytes = test.memory().buffer();
    assertEquals(3, bytes.getInt(0));
    for (int at = 4; at < 64; at += 4) {
      assertEquals(0, bytes.getInt(at));
    }
    for (int at = 64; at < RobustSemaphore.bytes(3); at += 64) {
      assertEquals(FUTEXES.currentTid(), bytes.getInt(at + MutexLayout.LOCK));
      for (int field = MutexLayout.COUNT; field < MutexLayout.PREV; field += Integer.BYTES) {
        assertEquals(0, bytes.getInt(at + field), "no books");
      }
      assertEquals(0, bytes.getLong(at + 40));
    }
    assertEquals(
        "robust semaphore at offset 0 of " + test.memory() + ": 0 of 3 permits",
        semaphore.toString());
    assertEquals(3, semaphore.getHoldCount());
    assertEquals(3, semaphore.owners().size());
    assertEquals(FUTEXES.currentTid(), semaphore.owners().get(0).tid());
    semaphore.release(3);
    assertEquals(0, semaphore.owners().size());
  }

  @Test
  void onlyTheHolderReleases() {
    RobustSemaphore semaphore = semaphore(2);
    String message =
        assertThrows(IllegalMonitorStateException.class, semaphore::release).getMessage();
    assertTrue(message.contains("cannot release 1 permits"), message);
    assertTrue(message.contains("this thread holds 0"), message);
    assertTrue(semaphore.tryAcquire());
    assertThrows(IllegalMonitorStateException.class, () -> semaphore.release(2));
    assertEquals(1, semaphore.getHoldCount(), "and keeps it");
    Actor<Void> other =
        Actor.start(
            () -> {
              semaphore.release();
              return null;
            });
    assertInstanceOf(IllegalMonitorStateException.class, other.failure());
    assertEquals(1, semaphore.availablePermits());
    semaphore.release();
    assertEquals(2, semaphore.availablePermits());
  }

  @Test
  void whatIsNoSuchSemaphoreIsRefused() {
    semaphore(2);
    String message = assertThrows(IllegalArgumentException.class, () -> semaphore(3)).getMessage();
    assertTrue(message.contains("found a semaphore of 2 permits"), message);
    assertTrue(message.contains("expected 3"), message);
    for (int permits : List.of(0, -1, Integer.MAX_VALUE)) {
      message = assertThrows(IllegalArgumentException.class, () -> semaphore(permits)).getMessage();
      assertTrue(message.startsWith(permits + " permits, expected 1 to "), message);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> RobustSemaphore.at(test.memory(), 0, TestMemory.BYTES / 64));
    assertThrows(
        UnsupportedOperationException.class,
        () -> RobustSemaphore.at(test.memory().privateWord(0), 2));
  }

  /** Two mappings, and threads that end while they hold permits: all come back. */
  @Test
  void permitsOfTheDeadComeBack() {
    int permits = 5;
    RobustSemaphore semaphore = semaphore(permits);
    try (MappedMemory again = test.mapAgain()) {
      for (int round = 0; round < 20; round++) {
        Eventually.until("all are free", () -> semaphore.availablePermits() == permits);
        RobustSemaphore holders =
            round % 2 == 0 ? semaphore : RobustSemaphore.at(again, 0, permits);
        assertTrue(Actor.start(() -> holders.tryAcquire(permits)).result());
        assertTrue(
            Actor.start(() -> semaphore.tryAcquire(60, TimeUnit.SECONDS)).result(),
            "sleeps perhaps until the kernel has marked the words");
      }
    }
    Eventually.until("all are free", () -> semaphore.availablePermits() == permits);
  }

  /** Who sleeps has marked every permit; who wakes marks them again, for whoever sleeps on. */
  @Test
  void aDeathWakesThoseWhoSleep() {
    RobustSemaphore semaphore = semaphore(2);
    FutexWord mayDie = test.memory().word(8192);
    Actor<Boolean> holder =
        Actor.start(
            () -> {
              boolean acquired = semaphore.tryAcquire(2);
              while (mayDie.getVolatile() == 0) {
                Thread.onSpinWait();
              }
              return acquired;
            });
    Eventually.until("both are held", () -> semaphore.availablePermits() == 0);
    List<Actor<Boolean>> sleepers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sleepers.add(acquirer(semaphore).awaitBlocked(FUTEXES)); // and ends with its permit
    }
    assertTrue(test.memory().word(64).getVolatile() < 0, "WAITERS");
    assertTrue(test.memory().word(128).getVolatile() < 0, "WAITERS");
    assertTrue(semaphore.toString().endsWith(": 0 of 2 permits, others wait"));
    mayDie.setVolatile(1);
    assertTrue(holder.result());
    sleepers.forEach(sleeper -> assertTrue(sleeper.result()));
  }

  /** More than a thread can sleep on at a time. */
  @Test
  void manyPermits() {
    int permits = 200;
    RobustSemaphore semaphore = semaphore(permits);
    assertTrue(semaphore.tryAcquire(permits));
    List<Actor<Boolean>> sleepers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sleepers.add(acquirer(semaphore).awaitBlocked(FUTEXES));
    }
    semaphore.release();
    sleepers.forEach(sleeper -> assertTrue(sleeper.result(), "one after the other died"));
    semaphore.release(permits - 1);
    Eventually.until("all are free", () -> semaphore.availablePermits() == permits);
  }

  @Test
  void closedMemoryEndsTheWait() {
    RobustSemaphore semaphore = semaphore(2);
    assertTrue(semaphore.tryAcquire(2));
    Actor<Boolean> waiting = acquirer(semaphore).awaitBlocked(FUTEXES);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiting.failure());
    assertThrows(ClosedMemoryException.class, semaphore::release);
    assertThrows(ClosedMemoryException.class, semaphore::acquire);
    assertTrue(semaphore.toString().endsWith(": closed"));
  }

  /** Words that a stranger wrote: an exception at worst. */
  @Test
  void hostileWords() throws InterruptedException {
    RobustSemaphore semaphore = semaphore(1);
    test.memory().word(64).setVolatile(FUTEXES.currentTid());
    assertFalse(semaphore.tryAcquire(1, TimeUnit.MILLISECONDS));
    assertThrows(IllegalMonitorStateException.class, semaphore::release, "it never took it");
    test.memory().word(64).setVolatile(LinuxAbi.FUTEX_OWNER_DIED | LinuxAbi.FUTEX_TID_MASK);
    assertTrue(semaphore.tryAcquire());
    semaphore.release();
  }
}
