// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedLatchTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private SharedLatch latch(Words words, int number, int count) {
    return SharedLatch.at(words.at(test.memory(), 64L * number), count);
  }

  private static Actor<Boolean> waiter(SharedLatch latch) {
    return Actor.start(() -> latch.await(1, TimeUnit.HOURS)).awaitBlocked(FUTEXES);
  }

  @Test
  @Tag(Polled.NOT)
  void worksWithoutTheSystemCall() {
    Polled.run(SharedLatchTest.class);
  }

  /** The count at 4, who arrived at 0, with waiters in bit 31; C has them, too. */
  @ParameterizedTest
  @EnumSource(Words.class)
  void theLayoutIsPinned(Words words) {
    assertEquals(8, SharedLatch.BYTES);
    assertEquals(0, test.memory().buffer().getLong(0));
    SharedLatch latch = latch(words, 0, 3);
    assertEquals(0x3_0000_0000L, test.memory().buffer().getLong(0));
    latch.countDown();
    assertEquals(0x3_0000_0001L, test.memory().buffer().getLong(0));
    Actor<Boolean> waiter = waiter(latch);
    assertEquals(0x3_8000_0001L, test.memory().buffer().getLong(0));
    latch.countDown();
    assertEquals(0x3_8000_0002L, test.memory().buffer().getLong(0));
    latch.countDown();
    assertEquals(0x3_0000_0003L, test.memory().buffer().getLong(0));
    assertTrue(waiter.result());
    latch.countDown();
    assertEquals(0x3_0000_0003L, test.memory().buffer().getLong(0));
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void opensWhenCountedDown(Words words) throws InterruptedException {
    SharedLatch latch = latch(words, 0, 2);
    assertEquals(2, latch.getCount());
    assertFalse(latch.tryAwait());
    List<Actor<Boolean>> waiters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiters.add(waiter(latch));
    }
    Actor<Boolean> elsewhere = waiter(latch(words, 1, 1));
    latch(words, 0, 2).countDown();
    assertEquals(1, latch.getCount());
    waiters.forEach(waiter -> waiter.awaitBlocked(FUTEXES));
    latch.countDown();
    waiters.forEach(waiter -> assertTrue(waiter.result()));
    assertEquals(0, latch.getCount());
    latch.await();
    latch.awaitUninterruptibly();
    assertTrue(latch.tryAwait());
    assertTrue(latch.await(0, TimeUnit.SECONDS));
    elsewhere.awaitBlocked(FUTEXES); // still
    latch(words, 1, 1).countDown();
    assertTrue(elsewhere.result());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void timesOut(Words words) throws InterruptedException {
    SharedLatch latch = latch(words, 0, 1);
    long start = System.nanoTime();
    assertFalse(latch.await(3, TimeUnit.MILLISECONDS));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(3));
    assertFalse(latch.await(0, TimeUnit.SECONDS));
    assertFalse(latch.await(Long.MIN_VALUE, TimeUnit.DAYS));
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anInterruptEndsTheWait(Words words) {
    SharedLatch latch = latch(words, 0, 1);
    List<Callable<?>> calls =
        List.of(
            () -> {
              latch.await();
              return true;
            },
            () -> latch.await(1, TimeUnit.HOURS));
    for (Callable<?> call : calls) {
      Actor<Throwable> during = Actor.start(() -> interrupted(call)).awaitBlocked(FUTEXES);
      during.thread().interrupt();
      during.result();
      Actor.start(
              () -> {
                Thread.currentThread().interrupt();
                return interrupted(call);
              })
          .result();
    }
    Actor<Boolean> patient =
        Actor.start(
                () -> {
                  latch.awaitUninterruptibly();
                  return Thread.interrupted();
                })
            .awaitBlocked(FUTEXES);
    patient.thread().interrupt();
    patient.awaitBlocked(FUTEXES);
    latch.countDown();
    assertTrue(patient.result());
  }

  private static Throwable interrupted(Callable<?> call) {
    Throwable thrown = assertThrows(InterruptedException.class, call::call);
    assertFalse(Thread.currentThread().isInterrupted());
    return thrown;
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void closedMemoryEndsTheWait(Words words) {
    SharedLatch latch = latch(words, 0, 1);
    Actor<Boolean> waiter = waiter(latch);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiter.failure());
    List<Executable> calls =
        List.of(latch::countDown, latch::getCount, latch::tryAwait, latch::awaitUninterruptibly);
    calls.forEach(call -> assertThrows(ClosedMemoryException.class, call));
    assertTrue(latch.toString().endsWith("closed"), latch.toString());
  }

  @Test
  void refusesAPlaceAndACountThatItCannotHave() throws IOException {
    FutexWord word = test.memory().word(64);
    SharedLatch.at(word, SharedLatch.COUNT_MAX);
    for (int count : new int[] {0, -1, 1}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> SharedLatch.at(word, count))
              .getMessage();
      assertTrue(message.contains("expected 1"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> SharedLatch.at(test.memory(), 4, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedLatch.at(test.memory(), TestMemory.BYTES - 4, 1));
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertThrows(ReadOnlyMemoryException.class, () -> SharedLatch.at(readOnly, 0, 1));
    }
  }

  /** Who arrives more often than there are to come, as only a stranger can write it, opens the latch. */
  @ParameterizedTest
  @EnumSource(Words.class)
  void saysHowItIsWhateverIsThere(Words words) {
    SharedLatch latch = latch(words, 1, 2);
    String where = "latch at offset 64 of " + test.memory() + ": ";
    assertEquals(where + "shut, 2 of 2 to go", latch.toString());
    Actor<Boolean> waiter = waiter(latch);
    assertEquals(where + "shut, 2 of 2 to go, others wait", latch.toString());
    latch.countDown();
    latch.countDown();
    assertTrue(waiter.result());
    assertEquals(where + "open", latch.toString());
    test.memory().buffer().putInt(64, -1);
    assertTrue(latch.tryAwait());
    assertEquals(0, latch.getCount());
    latch.countDown();
    assertEquals(-1, test.memory().buffer().getInt(64));
  }

  private static final int ROUNDS = 200;
  private static final int PROCESSES = 3;
  private static final int THREADS = 4;

  /**
   * All threads of all processes meet at one latch after the other, each counts down and waits. None looks again by
   * itself: one lost wake-up, and they stand still.
   */
  @Test
  @Tag(Polled.NOT)
  void noWakeUpIsLostBetweenProcesses() {
    ChildJvm.runAll(
        PROCESSES, List.of("-Djfutex.healing=0"), SharedLatchTest.class, test.path().toString());
    for (int round = 0; round < ROUNDS; round++) {
      int all = PROCESSES * THREADS;
      assertEquals(0, SharedLatch.at(test.memory(), 8L * round, all).getCount());
      assertEquals(all, test.memory().buffer().getInt(8 * round));
    }
  }

  public static void main(String[] arguments) throws IOException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    List<Actor<Void>> actors =
        IntStream.range(0, THREADS).mapToObj(i -> Actor.start(() -> meet(memory, i))).toList();
    actors.forEach(Actor::result);
  }

  private static Void meet(MappedMemory memory, int number) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      SharedLatch latch = SharedLatch.at(memory, 8L * round, PROCESSES * THREADS);
      latch.countDown();
      if (number == 0) {
        latch.await();
      } else {
        latch.awaitUninterruptibly();
      }
      assertTrue(latch.tryAwait());
    }
    return null;
  }
}
