// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

class SharedBarrierTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private SharedBarrier barrier(Words words, int number, int parties) {
    return SharedBarrier.at(words.at(test.memory(), 64L * number), parties);
  }

  private static Actor<Integer> waiter(SharedBarrier barrier) {
    return Actor.start(() -> barrier.await()).awaitBlocked(FUTEXES);
  }

  private long bytes() {
    return test.memory().buffer().getLong(0);
  }

  @Test
  @Tag(Polled.NOT)
  void worksWithoutTheSystemCall() {
    Polled.run(SharedBarrierTest.class);
  }

  /**
   * At 4 the parties in 15 bits, and how the last generations ended in 17; at 0 who arrived in 15 bits, broken, and the
   * generation in 16. C has them, too.
   */
  @ParameterizedTest
  @EnumSource(Words.class)
  void theLayoutIsPinned(Words words) throws Exception {
    assertEquals(8, SharedBarrier.BYTES);
    SharedBarrier barrier = barrier(words, 0, 2);
    assertEquals(0x2_0000_0000L, bytes());
    Actor<Integer> waiter = waiter(barrier);
    assertEquals(0x2_0000_0001L, bytes());
    assertEquals(0, barrier.await());
    assertEquals(0x2_0001_0000L, bytes());
    assertEquals(1, waiter.result());
    assertThrows(TimeoutException.class, () -> barrier.await(0, TimeUnit.SECONDS));
    assertEquals(0x2_0001_8000L, bytes());
    barrier.reset();
    assertEquals(0x8002_0002_0000L, bytes());
    test.memory().buffer().putInt(0, 0xffff_0001);
    assertEquals(0, barrier.await());
    assertEquals(
        0x1_0002_0000_0000L, bytes(), "the generation wraps around, and the reset is known");
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void allGoOnWhenTheLastOneComes(Words words) throws Exception {
    SharedBarrier barrier = barrier(words, 0, 4);
    assertEquals(4, barrier.getParties());
    Actor<Integer> elsewhere = waiter(barrier(words, 1, 2));
    for (int round = 0; round < 20; round++) {
      List<Actor<Integer>> waiters = IntStream.range(0, 3).mapToObj(i -> waiter(barrier)).toList();
      assertEquals(3, barrier.getNumberWaiting());
      assertEquals(0, barrier(words, 0, 4).await(1, TimeUnit.HOURS));
      for (int i = 0; i < 3; i++) {
        assertEquals(3 - i, waiters.get(i).result());
      }
      assertEquals(0, barrier.getNumberWaiting());
    }
    elsewhere.awaitBlocked(FUTEXES); // still
    assertEquals(0, barrier(words, 1, 2).await());
    assertEquals(1, elsewhere.result());
    assertEquals(0, barrier(words, 2, 1).await(0, TimeUnit.SECONDS), "one need not wait");
  }

  private void assertBroken(SharedBarrier barrier, Actor<?> other) {
    assertInstanceOf(BrokenBarrierException.class, other.failure());
    assertTrue(barrier.isBroken());
    assertEquals(0, barrier.getNumberWaiting());
    assertThrows(BrokenBarrierException.class, barrier::await);
    assertThrows(BrokenBarrierException.class, () -> barrier.await(-1, TimeUnit.SECONDS));
    barrier.reset();
    assertFalse(barrier.isBroken());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void whoTimesOutBreaksIt(Words words) {
    SharedBarrier barrier = barrier(words, 0, 3);
    for (long millis : new long[] {3, 0, -1, Long.MIN_VALUE}) {
      Actor<Integer> other = waiter(barrier);
      long start = System.nanoTime();
      assertThrows(TimeoutException.class, () -> barrier.await(millis, TimeUnit.MILLISECONDS));
      assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(Math.max(millis, 0)));
      assertBroken(barrier, other);
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void whoIsInterruptedBreaksIt(Words words) {
    SharedBarrier barrier = barrier(words, 0, 3);
    for (Callable<?> call :
        List.<Callable<?>>of(() -> barrier.await(), () -> barrier.await(1, TimeUnit.HOURS))) {
      Actor<Integer> other = waiter(barrier);
      Actor<Boolean> during = Actor.start(() -> interrupted(call)).awaitBlocked(FUTEXES);
      during.thread().interrupt();
      assertFalse(during.result(), "the status is cleared");
      assertBroken(barrier, other);

      Actor<Integer> another = waiter(barrier);
      Actor<Boolean> before =
          Actor.start(
              () -> {
                Thread.currentThread().interrupt();
                return interrupted(call);
              });
      assertFalse(before.result());
      assertBroken(barrier, another);
    }
  }

  private static boolean interrupted(Callable<?> call) {
    assertThrows(InterruptedException.class, call::call);
    return Thread.currentThread().isInterrupted();
  }

  /** However late it looks: in between the barrier may have been reset again, or broken. */
  @ParameterizedTest
  @EnumSource(Words.class)
  void resetUnderItsFeetIsNoTrip(Words words) {
    SharedBarrier barrier = barrier(words, 0, 2);
    for (int resets = 1; resets <= 3; resets++) {
      Actor<Integer> waiter = waiter(barrier);
      for (int i = 0; i < resets; i++) {
        barrier.reset();
      }
      assertThrows(TimeoutException.class, () -> barrier.await(0, TimeUnit.SECONDS));
      assertBroken(barrier, waiter);
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void trippedStaysTrippedHoweverLateItLooks(Words words) throws Exception {
    SharedBarrier barrier = barrier(words, 0, 2);
    for (int round = 0; round < 100; round++) {
      Actor<Integer> waiter = waiter(barrier);
      assertEquals(0, barrier.await());
      waiter.thread().interrupt();
      if (round % 2 == 0) {
        assertThrows(TimeoutException.class, () -> barrier.await(0, TimeUnit.SECONDS));
      }
      barrier.reset();
      assertEquals(1, waiter.result());
    }
  }

  /** More threads than parties: the others go on while one that has arrived does not come to look. */
  @ParameterizedTest
  @EnumSource(Words.class)
  void whoLooksAfterOtherGenerationsIsToldOfItsOwn(Words words) throws Exception {
    SharedBarrier barrier = barrier(words, 0, 2);
    for (int round = 0; round < 40; round++) {
      boolean trips = round % 3 != 0;
      Actor<Integer> waiter = waiter(barrier);
      // As if it did not run: all that follows is one moment to it, but for the word.
      long tripped = next(bytes(), 0);
      long reset = next(bytes(), 1);
      long word = trips ? next(next(tripped, round & 1), 0) : next(next(reset, 0), round & 1);
      test.memory().buffer().putLong(0, word);
      FutexManager.system().wake(words.at(test.memory(), 0), FutexManager.ALL);
      if (trips) {
        assertEquals(1, waiter.result());
      } else {
        assertInstanceOf(BrokenBarrierException.class, waiter.failure());
      }
    }
  }

  private static long next(long both, int end) {
    long ends = (both >>> 47 << 1 | end) & 0x1ffff;
    return ends << 47 | both & 0x7fff_0000_0000L | (both + 0x1_0000 & 0xffff_0000L);
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void closedMemoryEndsTheWait(Words words) {
    SharedBarrier barrier = barrier(words, 0, 2);
    Actor<Integer> waiter = waiter(barrier);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiter.failure());
    List<Executable> calls =
        List.of(barrier::await, barrier::reset, barrier::isBroken, barrier::getNumberWaiting);
    calls.forEach(call -> assertThrows(ClosedMemoryException.class, call));
    assertTrue(barrier.toString().endsWith("closed"), barrier.toString());
  }

  @Test
  void refusesAPlaceAndPartiesThatItCannotHave() throws IOException {
    FutexWord word = test.memory().word(64);
    SharedBarrier.at(word, SharedBarrier.PARTIES_MAX);
    for (int parties : new int[] {0, -1, SharedBarrier.PARTIES_MAX + 1, 2}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> SharedBarrier.at(word, parties))
              .getMessage();
      assertTrue(message.contains("32767") && message.contains("" + parties), message);
    }
    assertThrows(IllegalArgumentException.class, () -> SharedBarrier.at(test.memory(), 4, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedBarrier.at(test.memory(), TestMemory.BYTES - 4, 1));
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertThrows(ReadOnlyMemoryException.class, () -> SharedBarrier.at(readOnly, 0, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void saysHowItIsWhateverIsThere(Words words) throws Exception {
    SharedBarrier barrier = barrier(words, 1, 3);
    String where = "barrier at offset 64 of " + test.memory() + ": ";
    assertEquals(where + "0 of 3 wait", barrier.toString());
    Actor<Integer> waiter = waiter(barrier);
    assertEquals(where + "1 of 3 wait", barrier.toString());
    assertThrows(TimeoutException.class, () -> barrier.await(0, TimeUnit.SECONDS));
    assertInstanceOf(BrokenBarrierException.class, waiter.failure());
    assertEquals(where + "broken", barrier.toString());
    test.memory().buffer().putInt(64, 0x7fff); // more than there can be
    assertEquals(0, barrier.await());
  }

  private static final int ROUNDS = 2_000;
  private static final int PROCESSES = 3;
  private static final int THREADS = 3;
  private static final int PARTIES = PROCESSES * THREADS;
  private static final int COUNTER = 64;

  /**
   * Who comes last counts, with no lock but the barrier. None looks again by itself: one lost wake-up, and all stand
   * still.
   */
  @Test
  @Tag(Polled.NOT)
  void noneIsAheadOfTheOthersAndNoWakeUpIsLost() {
    ChildJvm.runAll(
        PROCESSES, List.of("-Djfutex.healing=0"), SharedBarrierTest.class, test.path().toString());
    assertEquals(ROUNDS, test.memory().buffer().getInt(COUNTER));
    assertEquals((long) PARTIES << 32 | 2 * ROUNDS << 16, bytes());
  }

  public static void main(String[] arguments) throws IOException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    List<Actor<Void>> actors =
        IntStream.range(0, THREADS).mapToObj(i -> Actor.start(() -> meet(memory))).toList();
    actors.forEach(Actor::result);
  }

  private static Void meet(MappedMemory memory) throws Exception {
    SharedBarrier barrier = SharedBarrier.at(memory, 0, PARTIES);
    ByteBuffer bytes = memory.buffer();
    for (int round = 0; round < ROUNDS; round++) {
      assertEquals(round, bytes.getInt(COUNTER));
      if (barrier.await() == 0) {
        bytes.putInt(COUNTER, round + 1);
      }
      barrier.await(1, TimeUnit.HOURS);
    }
    return null;
  }
}
