// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link FutexEngine#release}: whoever waits on a word of closed memory returns, wherever the waiter was moved to. */
class ConformanceCloseTest {
  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private ConformanceSubject subject;
  private FutexEngine engine;
  private ConformanceWorld world;
  private FutexWord word;
  private FutexWord other;
  private ConformanceActor waiter;

  static Stream<Arguments> everywhere() {
    return ConformanceScenesTest.everywhere();
  }

  private void open(ConformanceSubject by, String kind) throws IOException {
    subject = by;
    engine = by.engine();
    world = ConformanceWorld.create(kind, "file");
    word = world.word("A");
    other = world.word("B");
  }

  @AfterEach
  void exit() {
    waiter.exit();
  }

  private void block(IntSupplier call) {
    waiter = new ConformanceActor("waiter", subject, engine);
    waiter.begin(call);
    await(() -> waiter.isSettled(world::contains), "blocked, or back");
    assertNull(waiter.result(), "blocked");
  }

  private void closeReleasesTheWaiter() throws IOException {
    world.close(engine);
    await(this::isReleased, "released");
  }

  /** Back, or thrown out: an engine need not touch closed memory to tell. */
  private boolean isReleased() {
    try {
      return waiter.result() != null;
    } catch (AssertionError e) {
      assertInstanceOf(ClosedMemoryException.class, e.getCause());
      return true;
    }
  }

  private static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "expected to be " + what);
      LockSupport.parkNanos(10_000);
    }
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWasNotMoved(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    block(() -> engine.wait(word, 0, ANY, Deadline.NONE, false));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoHasChosenBits(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    block(() -> engine.wait(word, 0, 2, Deadline.NONE, false));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWasMoved(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    block(() -> engine.wait(word, 0, ANY, Deadline.NONE, false));
    assertEquals(1, engine.compareRequeue(word, 0, other, 0, 1));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWasMovedOneOfTwoWords(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    FutexWord third = world.word("C");
    FutexWord[] words = {word, third};
    block(() -> engine.waitAny(words, new int[] {0, 0}, Deadline.NONE, false));
    assertEquals(1, engine.requeue(word, other, 0, 1));
    assertEquals(1, engine.requeue(third, other, 0, 1));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWaitsToOwn(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    assertEquals(0, engine.lockPi(word, Deadline.NONE, false));
    block(() -> engine.lockPi(word, Deadline.NONE, false));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWaitsToBeRequeued(ConformanceSubject by, String kind) throws IOException {
    open(by, kind);
    block(() -> engine.waitRequeuePi(word, 0, other, Deadline.NONE));
    closeReleasesTheWaiter();
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void whoWaitsToBeRequeuedAndTheWordHasChanged(ConformanceSubject by, String kind)
      throws IOException {
    open(by, kind);
    block(() -> engine.waitRequeuePi(word, 0, other, Deadline.NONE));
    word.setVolatile(1);
    closeReleasesTheWaiter();
  }
}
