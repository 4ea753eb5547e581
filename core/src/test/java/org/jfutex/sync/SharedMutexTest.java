// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedMutexTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();
  private int counter; // not atomic on purpose

  @AfterEach
  void close() {
    test.close();
  }

  private SharedMutex mutex(boolean shared) {
    return SharedMutex.on(shared ? test.shared(0) : test.ofThisJvm(0), FUTEXES);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void excludes(boolean shared) {
    int threads = 4;
    int increments = 20_000;
    List<Actor<Void>> actors = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      SharedMutex mutex = mutex(shared);
      actors.add(
          Actor.start(
              () -> {
                for (int j = 0; j < increments; j++) {
                  if (number == 0) {
                    mutex.lockInterruptibly();
                  } else if (number == 1) {
                    while (!mutex.tryLock(1, TimeUnit.MILLISECONDS)) {
                      Thread.onSpinWait();
                    }
                  } else {
                    mutex.lock();
                  }
                  counter++;
                  mutex.unlock();
                }
                return null;
              }));
    }
    actors.forEach(Actor::result);
    assertEquals(threads * increments, counter);
    assertFalse(mutex(shared).isLocked());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void sleepsUntilUnlocked(boolean shared) {
    SharedMutex mutex = mutex(shared);
    mutex.lock();
    assertTrue(mutex.isLocked());
    assertFalse(mutex.tryLock());
    Actor<Boolean> next =
        Actor.start(
                () -> {
                  mutex.lock();
                  return Thread.currentThread().isInterrupted();
                })
            .awaitBlocked(FUTEXES);
    next.thread().interrupt();
    assertFalse(next.isDone(), "lock() does not end by an interrupt");
    mutex.unlock();
    assertTrue(next.result(), "and keeps it");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timesOutAndIsInterrupted(boolean shared) throws InterruptedException {
    SharedMutex mutex = mutex(shared);
    assertTrue(mutex.tryLock(0, TimeUnit.SECONDS));
    assertFalse(mutex.tryLock(0, TimeUnit.SECONDS));
    assertFalse(mutex.tryLock(-1, TimeUnit.SECONDS));
    assertFalse(mutex.tryLock(2, TimeUnit.MILLISECONDS));
    for (Actor<?> waiting :
        List.of(
            Actor.start(() -> interruptibly(mutex)),
            Actor.start(() -> mutex.tryLock(1, TimeUnit.HOURS)))) {
      waiting.awaitBlocked(FUTEXES);
      waiting.thread().interrupt();
      assertInstanceOf(InterruptedException.class, waiting.failure());
      assertFalse(waiting.thread().isInterrupted());
    }
    mutex.unlock();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, mutex::lockInterruptibly);
    assertFalse(Thread.currentThread().isInterrupted());
    assertFalse(mutex.isLocked(), "an interrupted thread takes no lock");
  }

  private static Void interruptibly(SharedMutex mutex) throws InterruptedException {
    mutex.lockInterruptibly();
    return null;
  }

  @Test
  void unlockOfAFreeOneIsRefusedAndChangesNothing() {
    SharedMutex mutex = mutex(true);
    String message = assertThrows(IllegalMonitorStateException.class, mutex::unlock).getMessage();
    assertTrue(message.contains("expected one that is held"), message);
    assertEquals(0, test.shared(0).getVolatile());
    mutex.lock();
    mutex.unlock();
  }

  @Test
  void twoMappingsAreOneMutex() {
    SharedMutex mutex = SharedMutex.at(test.memory(), 128);
    try (MappedMemory again = test.mapAgain()) {
      SharedMutex same = SharedMutex.at(again, 128);
      mutex.lock();
      assertFalse(same.tryLock());
      Actor<Void> next = Actor.start(() -> interruptibly(same)).awaitBlocked(FUTEXES);
      mutex.unlock();
      next.result();
    }
  }

  @Test
  void closedMemoryEndsTheWait() {
    SharedMutex mutex = mutex(true);
    mutex.lock();
    Actor<Void> waiting = Actor.start(() -> interruptibly(mutex)).awaitBlocked(FUTEXES);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiting.failure());
    assertThrows(ClosedMemoryException.class, mutex::unlock);
  }

  @Test
  void noWakeWithoutASleeper() {
    FutexWord word = test.shared(0);
    SharedMutex mutex = SharedMutex.on(word, FUTEXES);
    mutex.lock();
    assertEquals(1, word.getVolatile());
    Actor<Void> next = Actor.start(() -> interruptibly(mutex)).awaitBlocked(FUTEXES);
    assertEquals(2, word.getVolatile());
    mutex.unlock();
    next.result();
    assertEquals(2, word.getVolatile(), "who slept cannot know whether it was the only one");
  }
}
