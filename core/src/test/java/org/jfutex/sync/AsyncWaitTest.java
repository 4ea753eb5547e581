// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The futures of the primitives: what a thread that waits is promised holds for them. */
class AsyncWaitTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int SEVERAL = 20;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    Eventually.until("nobody waits any more", () -> waits() == 0);
    test.close();
  }

  private long waits() {
    return FUTEXES.waits().stream().filter(w -> w.word().memory() == test.memory()).count();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> get(future)).getCause();
  }

  private static long done(List<CompletableFuture<Void>> futures) {
    return futures.stream().filter(CompletableFuture::isDone).count();
  }

  @ParameterizedTest
  @EnumSource
  void aSemaphoreGivesEachOfThoseWhoWaitAPermit(Words words) throws Exception {
    SharedSemaphore semaphore = SharedSemaphore.at(words.at(test.memory(), 64), 1);
    assertTrue(semaphore.acquireAsync().isDone(), "there is one at once");
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < SEVERAL; i++) {
      futures.add(semaphore.acquireAsync());
    }
    assertEquals(SEVERAL, semaphore.getQueueLength());
    semaphore.release();
    Eventually.until("one has it", () -> done(futures) == 1);
    semaphore.release(3);
    Eventually.until("as many as permits", () -> done(futures) == 4);
    semaphore.release(SEVERAL);
    for (CompletableFuture<Void> future : futures) {
      get(future);
    }
    assertEquals(4, semaphore.availablePermits());
    assertEquals(0, semaphore.getQueueLength());
  }

  @ParameterizedTest
  @EnumSource
  void whoGivesUpTakesNoPermit(Words words) throws Exception {
    SharedSemaphore semaphore = SharedSemaphore.at(words.at(test.memory(), 64), 0);
    CompletableFuture<Void> cancelled = semaphore.acquireAsync();
    assertTrue(cancelled.cancel(false));
    CompletableFuture<Void> timed = semaphore.acquireAsync().orTimeout(1, TimeUnit.MILLISECONDS);
    assertInstanceOf(TimeoutException.class, failure(timed));
    assertTrue(semaphore.acquireAsync().complete(null));
    Eventually.until("nobody waits", () -> semaphore.getQueueLength() == 0);
    semaphore.release();
    assertEquals(1, semaphore.availablePermits());
  }

  /** The permit is taken, and the task that would hand it over has not run yet. */
  @ParameterizedTest
  @EnumSource
  void aPermitThatComesTooLateIsGivenBack(Words words) throws Exception {
    SharedSemaphore semaphore = SharedSemaphore.at(words.at(test.memory(), 64), 0);
    AtomicReference<Runnable> task = new AtomicReference<>();
    CompletableFuture<Void> late = semaphore.acquireAsync(task::set);
    semaphore.release();
    Eventually.until("it is taken", () -> task.get() != null);
    assertEquals(0, semaphore.availablePermits());
    CompletableFuture<Void> next = semaphore.acquireAsync();
    assertTrue(late.cancel(false));
    task.get().run();
    get(next);

    RejectedExecutionException refusal = new RejectedExecutionException();
    Executor refuses =
        refused -> {
          throw refusal;
        };
    CompletableFuture<Void> refused = semaphore.acquireAsync(refuses);
    semaphore.release();
    assertSame(refusal, failure(refused));
    assertEquals(1, semaphore.availablePermits());
  }

  @ParameterizedTest
  @EnumSource
  void aManualEventLetsAllGoOnAndAnAutomaticOneEach(Words words) throws Exception {
    SharedEvent manual = SharedEvent.manualReset(words.at(test.memory(), 64));
    SharedEvent auto = SharedEvent.autoReset(words.at(test.memory(), 128));
    List<CompletableFuture<Void>> all = new ArrayList<>();
    List<CompletableFuture<Void>> each = new ArrayList<>();
    for (int i = 0; i < SEVERAL; i++) {
      all.add(manual.awaitAsync());
      each.add(auto.awaitAsync());
    }
    manual.set();
    manual.reset();
    for (CompletableFuture<Void> future : all) {
      get(future);
    }
    for (int i = 1; i <= SEVERAL; i++) {
      int wanted = i;
      auto.set();
      Eventually.until(i + " have gone on", () -> done(each) == wanted);
      assertFalse(auto.isSet());
    }
    auto.set();
    assertTrue(auto.awaitAsync().isDone());
    assertFalse(auto.isSet());
  }

  @ParameterizedTest
  @EnumSource
  void anEventThatIsTakenTooLateIsSetAgain(Words words) throws Exception {
    SharedEvent event = SharedEvent.autoReset(words.at(test.memory(), 64));
    AtomicReference<Runnable> task = new AtomicReference<>();
    CompletableFuture<Void> late = event.awaitAsync(task::set);
    event.set();
    Eventually.until("it is taken", () -> task.get() != null);
    CompletableFuture<Void> next = event.awaitAsync();
    assertTrue(late.cancel(false));
    task.get().run();
    get(next);
    assertFalse(event.isSet());
  }

  /** A thread that waits too gets the event that the cancelled one was woken for. */
  @ParameterizedTest
  @EnumSource
  void aWakeUpOfACancelledOneIsPassedOn(Words words) throws Exception {
    SharedEvent event = SharedEvent.autoReset(words.at(test.memory(), 64));
    SharedSemaphore semaphore = SharedSemaphore.at(words.at(test.memory(), 128), 0);
    for (int round = 0; round < 100; round++) {
      CompletableFuture<Void> event1 = event.awaitAsync();
      CompletableFuture<Void> permit = semaphore.acquireAsync();
      Actor<Boolean> thread =
          Actor.start(
              () ->
                  event.await(60, TimeUnit.SECONDS) && semaphore.tryAcquire(60, TimeUnit.SECONDS));
      thread.awaitBlocked(FUTEXES);
      Actor<Boolean> cancel = Actor.start(() -> event1.cancel(false) & permit.cancel(false));
      event.set();
      semaphore.release();
      cancel.result();
      if (!event1.isCancelled()) {
        event.set();
      }
      if (!permit.isCancelled()) {
        semaphore.release();
      }
      assertTrue(thread.result());
    }
    assertEquals(0, semaphore.availablePermits());
    // One that was woken when it was cancelled leaves on the thread that woke it, in its own time.
    Eventually.until("nobody waits", () -> semaphore.getQueueLength() == 0);
    assertFalse(event.isSet());
  }

  @ParameterizedTest
  @EnumSource
  void aLatchOpensForAll(Words words) throws Exception {
    SharedLatch latch = SharedLatch.at(words.at(test.memory(), 64), 3);
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < SEVERAL; i++) {
      futures.add(latch.awaitAsync());
    }
    latch.countDown();
    futures.add(latch.awaitAsync());
    latch.countDown();
    assertEquals(0, done(futures));
    latch.countDown();
    for (CompletableFuture<Void> future : futures) {
      get(future);
    }
    assertTrue(latch.awaitAsync().isDone());
  }

  @ParameterizedTest
  @EnumSource
  void aBarrierTripsForThreadsAndFutures(Words words) throws Exception {
    SharedBarrier barrier = SharedBarrier.at(words.at(test.memory(), 64), 4);
    for (int round = 0; round < 20; round++) {
      CompletableFuture<Integer> first = barrier.awaitAsync();
      CompletableFuture<Integer> second = barrier.awaitAsync();
      Actor<Integer> third = Actor.start(barrier::await);
      Eventually.until("three wait", () -> barrier.getNumberWaiting() == 3);
      assertFalse(first.isDone());
      assertEquals(0, get(barrier.awaitAsync()));
      assertEquals(3, get(first));
      assertEquals(2, get(second));
      assertEquals(1, third.result());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoGivesUpBreaksTheBarrier(Words words) throws Exception {
    SharedBarrier barrier = SharedBarrier.at(words.at(test.memory(), 64), 3);
    CompletableFuture<Integer> other = barrier.awaitAsync();
    CompletableFuture<Integer> timed = barrier.awaitAsync().orTimeout(1, TimeUnit.MILLISECONDS);
    assertInstanceOf(TimeoutException.class, failure(timed));
    assertInstanceOf(BrokenBarrierException.class, failure(other));
    assertTrue(barrier.isBroken());
    assertInstanceOf(BrokenBarrierException.class, failure(barrier.awaitAsync()));
    barrier.reset();
    CompletableFuture<Integer> reset = barrier.awaitAsync();
    barrier.reset();
    assertInstanceOf(BrokenBarrierException.class, failure(reset));
    assertEquals(0, barrier.getNumberWaiting());
  }

  @ParameterizedTest
  @EnumSource
  void aDoorbellAsksOnTheExecutor(Words words) throws Exception {
    Doorbell doorbell = Doorbell.at(words.at(test.memory(), 64));
    FutexWord work = test.ofThisJvm(3);
    AtomicBoolean asking = new AtomicBoolean();
    for (int round = 0; round < 50; round++) {
      int before = round;
      CompletableFuture<Void> future =
          doorbell.awaitAsync(
              () -> {
                assertTrue(asking.compareAndSet(false, true), "asked twice at a time");
                String thread = Thread.currentThread().getName();
                assertFalse(thread.startsWith("jfutex-watch"), thread);
                boolean ready = work.getVolatile() != before;
                asking.set(false);
                return ready;
              });
      doorbell.ring(); // for nothing
      work.setVolatile(round + 1);
      doorbell.ring();
      get(future);
    }
    CompletableFuture<Void> unrung = doorbell.awaitAsync(() -> work.getVolatile() == -1);
    work.setVolatile(-1);
    get(unrung);
    CompletableFuture<Void> cancelled = doorbell.awaitAsync(() -> false);
    cancelled.cancel(false);
    Eventually.until("nobody sleeps", () -> doorbell.toString().contains("nobody sleeps"));
    IllegalStateException broken = new IllegalStateException();
    AtomicBoolean ready = new AtomicBoolean();
    CompletableFuture<Void> failing =
        doorbell.awaitAsync(
            () -> {
              if (ready.get()) {
                throw broken;
              }
              return false;
            });
    ready.set(true);
    doorbell.ring();
    assertSame(broken, failure(failing));
  }

  @ParameterizedTest
  @EnumSource
  void closingTheMemoryCompletesThem(Words words) {
    try (TestMemory closed = new TestMemory()) {
      SharedSemaphore semaphore = SharedSemaphore.at(words.at(closed.memory(), 64), 0);
      SharedBarrier barrier = SharedBarrier.at(words.at(closed.memory(), 256), 2);
      List<CompletableFuture<?>> futures =
          List.of(
              semaphore.acquireAsync(),
              SharedEvent.autoReset(words.at(closed.memory(), 128)).awaitAsync(),
              SharedLatch.at(words.at(closed.memory(), 192), 1).awaitAsync(),
              barrier.awaitAsync(),
              Doorbell.at(words.at(closed.memory(), 320)).awaitAsync(() -> false));
      closed.memory().close();
      for (CompletableFuture<?> future : futures) {
        assertInstanceOf(ClosedMemoryException.class, failure(future));
      }
      assertThrows(ClosedMemoryException.class, semaphore::acquireAsync);
      assertThrows(ClosedMemoryException.class, barrier::awaitAsync);
      if (words == Words.SHARED) {
        SharedSemaphore again = SharedSemaphore.at(closed.mapAgain(), 64, 0);
        Eventually.until("nobody waits", () -> again.getQueueLength() == 0);
      }
    }
  }

  @Tag(Polled.NOT)
  @Test
  void whereThereIsNoSystemCallWordsArePolled() {
    Polled.run(AsyncWaitTest.class);
  }
}
