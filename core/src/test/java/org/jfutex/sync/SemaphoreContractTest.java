// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.SemaphoreSubject;
import org.jfutex.support.SemaphoreSubject.Kind;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code Semaphore} promises, as it keeps it, and as ours do. */
class SemaphoreContractTest {
  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private static Callable<Boolean> acquire(SemaphoreSubject subject) {
    return () -> {
      subject.acquire();
      return true;
    };
  }

  private static Callable<Boolean> uninterruptibly(SemaphoreSubject subject) {
    return () -> {
      subject.acquireUninterruptibly();
      boolean interrupted = Thread.interrupted();
      subject.release();
      return interrupted;
    };
  }

  private static Callable<Boolean> timed(SemaphoreSubject subject, long timeout, TimeUnit unit) {
    return () -> subject.tryAcquire(timeout, unit);
  }

  private static List<Callable<Boolean>> interruptible(SemaphoreSubject subject) {
    return List.of(
        acquire(subject),
        timed(subject, 1, TimeUnit.HOURS),
        timed(subject, Long.MAX_VALUE, TimeUnit.DAYS));
  }

  @ParameterizedTest
  @EnumSource
  void countsPermits(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 3);
    assertEquals(3, subject.availablePermits());
    subject.acquire();
    subject.acquireUninterruptibly();
    assertTrue(subject.tryAcquire());
    assertEquals(0, subject.availablePermits());
    assertFalse(subject.tryAcquire());
    subject.release(2);
    assertEquals(2, subject.availablePermits());
    assertTrue(subject.tryAcquire(1, TimeUnit.HOURS));
    assertTrue(subject.tryAcquire(0, TimeUnit.HOURS));
    assertFalse(subject.tryAcquire(-1, TimeUnit.HOURS));
    subject.release();
    subject.acquire();
    subject.release(3);
    assertFalse(subject.tryAcquire(4));
    assertTrue(subject.tryAcquire(3));
    subject.release(3);
    assertEquals(3, subject.drainPermits());
    assertEquals(0, subject.drainPermits());
    assertFalse(subject.hasQueuedThreads());
    subject.release(3);
  }

  @ParameterizedTest
  @EnumSource
  void noneAtAllIsAlwaysThere(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    subject.acquire();
    assertTrue(subject.tryAcquire(0));
    subject.release(0);
    assertEquals(0, subject.availablePermits());
    subject.release();
  }

  @ParameterizedTest
  @EnumSource
  void negativeNumbersAndNullsAreRefused(Kind kind) {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    assertThrows(IllegalArgumentException.class, () -> subject.tryAcquire(-1));
    assertThrows(IllegalArgumentException.class, () -> subject.release(-1));
    assertThrows(NullPointerException.class, () -> subject.tryAcquire(1, null));
    assertEquals(1, subject.availablePermits());
  }

  /** What the robust kind does not offer: to wait for a number of permits, though it be one, and to count who waits. */
  @ParameterizedTest
  @EnumSource(names = "ROBUST", mode = EnumSource.Mode.EXCLUDE)
  void waitsForANumberOfPermits(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    subject.acquire(1);
    subject.acquire(0);
    subject.acquireUninterruptibly(0);
    assertTrue(subject.tryAcquire(0, 1, TimeUnit.HOURS));
    assertFalse(subject.tryAcquire(1, 0, TimeUnit.HOURS));
    for (Callable<Boolean> call :
        List.<Callable<Boolean>>of(
            () -> {
              subject.acquire(1);
              return true;
            },
            () -> {
              subject.acquireUninterruptibly(1);
              return true;
            },
            () -> subject.tryAcquire(1, 1, TimeUnit.HOURS))) {
      Actor<Boolean> waiting = kind.sleeps(Actor.start(call));
      assertEquals(1, subject.getQueueLength());
      subject.release();
      assertTrue(waiting.result());
      assertEquals(0, subject.getQueueLength());
    }
    assertThrows(IllegalArgumentException.class, () -> subject.acquire(-1));
    assertThrows(IllegalArgumentException.class, () -> subject.acquireUninterruptibly(-1));
    assertThrows(IllegalArgumentException.class, () -> subject.tryAcquire(-1, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> subject.tryAcquire(1, 1, null));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> subject.acquire(0));
  }

  @ParameterizedTest
  @EnumSource
  void sleepsUntilThereIsOne(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    List<Callable<Boolean>> calls = new ArrayList<>(interruptible(subject));
    calls.add(
        () -> {
          subject.acquireUninterruptibly();
          return true;
        });
    for (Callable<Boolean> call : calls) {
      subject.acquire();
      Actor<Boolean> waiting =
          kind.sleeps(
              Actor.start(
                  () -> {
                    boolean acquired = call.call();
                    subject.release();
                    return acquired;
                  }));
      assertTrue(subject.hasQueuedThreads());
      subject.release();
      assertTrue(waiting.result());
      assertFalse(subject.hasQueuedThreads());
      assertEquals(1, subject.availablePermits());
    }
  }

  /** Each of several is woken, whether the permits come one by one or at once; and nobody else. */
  @ParameterizedTest
  @EnumSource(names = "ROBUST", mode = EnumSource.Mode.EXCLUDE)
  void wakesAsManyAsThereArePermits(Kind kind) {
    SemaphoreSubject subject = kind.of(test.memory(), 0);
    for (boolean atOnce : List.of(true, false)) {
      List<Actor<Boolean>> waiting = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        waiting.add(kind.sleeps(Actor.start(acquire(subject))));
      }
      assertEquals(4, subject.getQueueLength());
      if (atOnce) {
        subject.release(3);
      } else {
        for (int i = 0; i < 3; i++) {
          subject.release();
        }
      }
      Eventually.until("three have one", () -> done(waiting) == 3);
      waiting.stream().filter(actor -> !actor.isDone()).forEach(kind::sleeps);
      assertEquals(1, subject.getQueueLength());
      subject.release();
      waiting.forEach(actor -> assertTrue(actor.result()));
      assertEquals(0, subject.availablePermits());
    }
  }

  private static long done(List<Actor<Boolean>> actors) {
    return actors.stream().filter(Actor::isDone).count();
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptEndsTheWait(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    subject.acquire();
    for (Callable<Boolean> call : interruptible(subject)) {
      Actor<Boolean> waiting = kind.sleeps(Actor.start(call));
      Actor<Boolean> other = kind.sleeps(Actor.start(call));
      waiting.thread().interrupt();
      assertInstanceOf(InterruptedException.class, waiting.failure());
      kind.sleeps(other).thread().interrupt();
      assertInstanceOf(InterruptedException.class, other.failure());
    }
    Actor<Boolean> waiting = kind.sleeps(Actor.start(uninterruptibly(subject)));
    waiting.thread().interrupt();
    kind.sleeps(waiting);
    subject.release();
    assertTrue(waiting.result(), "acquired, and the status kept");
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptBeforeIsThrownAtOnce(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    List<Callable<Boolean>> calls = new ArrayList<>(interruptible(subject));
    calls.add(timed(subject, 0, TimeUnit.SECONDS));
    calls.add(timed(subject, Long.MIN_VALUE, TimeUnit.DAYS));
    for (Callable<Boolean> call : calls) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, call::call);
      assertFalse(Thread.interrupted(), "thrown, and cleared");
    }
    assertEquals(1, subject.availablePermits());
    Thread.currentThread().interrupt();
    assertTrue(subject.tryAcquire());
    assertTrue(Thread.interrupted());
    subject.release();
  }

  @ParameterizedTest
  @EnumSource
  void timesOut(Kind kind) throws InterruptedException {
    SemaphoreSubject subject = kind.of(test.memory(), 1);
    subject.acquire();
    long start = System.nanoTime();
    assertFalse(Actor.start(timed(subject, 5, TimeUnit.MILLISECONDS)).result());
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(5), "not too early");
    for (long timeout : List.of(0L, -1L, Long.MIN_VALUE)) {
      assertFalse(Actor.start(timed(subject, timeout, TimeUnit.DAYS)).result());
    }
    assertFalse(Actor.start(timed(subject, 1, TimeUnit.NANOSECONDS)).result());
    subject.release();
    assertFalse(subject.hasQueuedThreads());
  }

  /** In every way there is, in a crowd: never more inside than permits, and all permits are there in the end. */
  @ParameterizedTest
  @EnumSource
  void keepsItsPermitsInACrowd(Kind kind) {
    int permits = 2;
    int turns = 2_000;
    SemaphoreSubject subject = kind.of(test.memory(), permits);
    AtomicInteger inside = new AtomicInteger();
    List<Actor<Integer>> crowd = new ArrayList<>();
    List<Callable<Boolean>> ways =
        List.of(
            acquire(subject),
            () -> {
              subject.acquireUninterruptibly();
              return true;
            },
            subject::tryAcquire,
            timed(subject, 20, TimeUnit.MICROSECONDS),
            timed(subject, 1, TimeUnit.HOURS));
    for (Callable<Boolean> way : ways) {
      crowd.add(
          Actor.start(
              () -> {
                int most = 0;
                for (int i = 0; i < turns; i++) {
                  while (!way.call()) {
                    Thread.yield();
                  }
                  most = Math.max(most, inside.incrementAndGet());
                  if (i % 64 == 0) {
                    Thread.yield();
                  }
                  inside.decrementAndGet();
                  subject.release();
                }
                return most;
              }));
    }
    crowd.forEach(actor -> assertTrue(actor.result() <= permits));
    assertEquals(permits, subject.availablePermits());
    assertTrue(subject.tryAcquire(permits));
    subject.release(permits);
    assertFalse(subject.hasQueuedThreads());
  }
}
