// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedEventTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private SharedEvent manual(Words words, int number) {
    return SharedEvent.manualReset(words.at(test.memory(), 64L * number));
  }

  private SharedEvent auto(Words words, int number) {
    return SharedEvent.autoReset(words.at(test.memory(), 64L * number));
  }

  private Stream<SharedEvent> both(Words words) {
    return Stream.of(manual(words, 0), auto(words, 1));
  }

  private int bytes(int number) {
    return test.memory().buffer().getInt(64 * number);
  }

  private static Actor<Boolean> waiter(SharedEvent event) {
    return Actor.start(() -> event.await(1, TimeUnit.HOURS)).awaitBlocked(FUTEXES);
  }

  private static List<Actor<Boolean>> waiters(SharedEvent event, int count) {
    return IntStream.range(0, count).mapToObj(i -> waiter(event)).toList();
  }

  @Test
  @Tag(Polled.NOT)
  void worksWithoutTheSystemCall() {
    Polled.run(SharedEventTest.class);
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void zerosAreAnEventThatIsNotSet(Words words) throws InterruptedException {
    for (SharedEvent event : both(words).toList()) {
      assertFalse(event.isSet());
      assertFalse(event.tryAwait());
      assertFalse(event.await(0, TimeUnit.SECONDS));
    }
    assertEquals(0, bytes(0));
    assertEquals(0, bytes(1));
  }

  /** Bit 0 set, bit 1 waiters, bits 2-31 generation; C has them, too. */
  @ParameterizedTest
  @EnumSource(Words.class)
  void theLayoutIsPinned(Words words) {
    assertEquals(4, SharedEvent.BYTES);
    SharedEvent manual = manual(words, 0);
    manual.set();
    assertEquals(0b1_0_1, bytes(0));
    assertTrue(manual.tryAwait());
    assertEquals(0b1_0_1, bytes(0));
    manual.reset();
    assertEquals(0b1_0_0, bytes(0));
    Actor<Boolean> waiter = waiter(manual);
    assertEquals(0b1_1_0, bytes(0));
    manual.set();
    assertEquals(0b10_0_1, bytes(0));
    assertTrue(waiter.result());
    assertEquals(0b10_0_1, bytes(0));

    SharedEvent auto = auto(words, 1);
    auto.set();
    assertEquals(0b1_0_1, bytes(1));
    assertTrue(auto.tryAwait());
    assertEquals(0b1_0_0, bytes(1));
    waiter = waiter(auto);
    assertEquals(0b1_1_0, bytes(1));
    auto.set();
    assertTrue(waiter.result());
    assertEquals(0b10_1_0, bytes(1), "who slept cannot know whether others do");
    auto.set();
    assertEquals(0b11_0_1, bytes(1));
    auto.reset();
    assertEquals(0b11_0_0, bytes(1));
    test.memory().buffer().putInt(64, -1);
    auto.set();
    assertEquals(0b1, bytes(1), "the generation wraps around");
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void manualResetLetsAllGoOnUntilReset(Words words) throws InterruptedException {
    SharedEvent event = manual(words, 0);
    List<Actor<Boolean>> before = waiters(event, 3);
    Actor<Boolean> elsewhere = waiter(manual(words, 1));
    event.set();
    before.forEach(waiter -> assertTrue(waiter.result()));
    event.await();
    event.awaitUninterruptibly();
    assertTrue(event.await(0, TimeUnit.SECONDS));
    assertTrue(event.isSet());
    event.reset();
    assertFalse(event.isSet());
    Actor<Boolean> after = waiter(event);
    elsewhere.awaitBlocked(FUTEXES); // still
    event.set();
    assertTrue(after.result());
    manual(words, 1).set();
    assertTrue(elsewhere.result());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void whoWaitedWhenItWasSetGoesOnThoughItIsReset(Words words) {
    for (int round = 0; round < 50; round++) {
      SharedEvent event = manual(words, 0);
      List<Actor<Boolean>> waiters = waiters(event, 2);
      event.set();
      event.reset();
      Actor<Boolean> late = round == 0 ? waiter(event) : null;
      waiters.forEach(waiter -> assertTrue(waiter.result()));
      if (late != null) {
        late.awaitBlocked(FUTEXES);
        event.set();
        assertTrue(late.result());
        event.reset();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void autoResetLetsOneGoOnForEachSet(Words words) {
    SharedEvent event = auto(words, 0);
    List<Actor<Boolean>> waiters = new ArrayList<>(waiters(event, 4));
    Actor<Boolean> elsewhere = waiter(auto(words, 1));
    while (!waiters.isEmpty()) {
      event.set();
      Eventually.until("one goes on", () -> waiters.stream().anyMatch(Actor::isDone));
      assertFalse(event.isSet());
      waiters.remove(waiters.stream().filter(Actor::isDone).findFirst().orElseThrow());
      waiters.forEach(waiter -> waiter.awaitBlocked(FUTEXES));
    }
    elsewhere.awaitBlocked(FUTEXES); // still
    auto(words, 1).set();
    assertTrue(elsewhere.result());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void autoResetIsSetOnceHoweverOftenItIsSet(Words words) {
    SharedEvent event = auto(words, 0);
    event.set();
    event.set();
    assertTrue(event.isSet());
    assertTrue(event.tryAwait());
    assertFalse(event.tryAwait());
    event.set();
    event.reset();
    assertFalse(event.tryAwait());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void timesOut(Words words) throws InterruptedException {
    for (SharedEvent event : both(words).toList()) {
      long start = System.nanoTime();
      assertFalse(event.await(3, TimeUnit.MILLISECONDS));
      assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(3));
      assertFalse(event.await(Long.MIN_VALUE, TimeUnit.DAYS));
      event.set();
      assertTrue(event.await(-1, TimeUnit.SECONDS));
    }
    assertNull(SharedEvent.awaitAny(3, TimeUnit.MILLISECONDS, auto(words, 2), manual(words, 3)));
    assertNull(SharedEvent.awaitAny(0, TimeUnit.SECONDS, auto(words, 2)));
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anInterruptEndsTheWait(Words words) {
    for (SharedEvent event : both(words).toList()) {
      List<Callable<?>> calls =
          List.of(
              () -> {
                event.await();
                return true;
              },
              () -> event.await(1, TimeUnit.HOURS),
              () -> SharedEvent.awaitAny(event, manual(words, 2)),
              () -> SharedEvent.awaitAny(1, TimeUnit.HOURS, event, manual(words, 2)));
      for (Callable<?> call : calls) {
        Actor<Throwable> during = Actor.start(() -> interrupted(call)).awaitBlocked(FUTEXES);
        during.thread().interrupt();
        during.result();
        event.set();
        Actor.start(
                () -> {
                  Thread.currentThread().interrupt();
                  return interrupted(call);
                })
            .result();
        assertTrue(event.isSet(), "and nothing was taken");
        event.reset();
      }
    }
  }

  private static Throwable interrupted(Callable<?> call) {
    Throwable thrown = assertThrows(InterruptedException.class, call::call);
    assertFalse(Thread.currentThread().isInterrupted());
    return thrown;
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anInterruptHasToWait(Words words) {
    for (SharedEvent event : both(words).toList()) {
      for (Runnable call :
          List.<Runnable>of(
              event::awaitUninterruptibly, () -> SharedEvent.awaitAnyUninterruptibly(event))) {
        Actor<Boolean> waiter =
            Actor.start(
                    () -> {
                      call.run();
                      return Thread.interrupted();
                    })
                .awaitBlocked(FUTEXES);
        waiter.thread().interrupt();
        waiter.awaitBlocked(FUTEXES);
        event.set();
        assertTrue(waiter.result());
        event.reset();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void closedMemoryEndsTheWait(Words words) {
    List<SharedEvent> events = both(words).toList();
    List<Actor<?>> waiters = new ArrayList<>();
    for (SharedEvent event : events) {
      waiters.addAll(waiters(event, 2));
    }
    try (TestMemory other = new TestMemory()) {
      SharedEvent open = SharedEvent.autoReset(words.at(other.memory(), 0));
      waiters.add(
          Actor.start(() -> SharedEvent.awaitAny(open, events.get(0))).awaitBlocked(FUTEXES));
      test.memory().close();
      waiters.forEach(w -> assertInstanceOf(ClosedMemoryException.class, w.failure()));
      for (SharedEvent event : events) {
        List<Executable> calls =
            List.of(
                event::set,
                event::reset,
                event::isSet,
                event::tryAwait,
                event::await,
                event::awaitUninterruptibly,
                () -> event.await(1, TimeUnit.HOURS),
                () -> SharedEvent.awaitAny(open, event));
        calls.forEach(call -> assertThrows(ClosedMemoryException.class, call));
        assertTrue(event.toString().endsWith("closed"), event.toString());
      }
    }
  }

  @Test
  void refusesAPlaceThatItCannotHave() throws IOException {
    MappedMemory memory = test.memory();
    assertThrows(IllegalArgumentException.class, () -> SharedEvent.manualReset(memory, 4));
    assertThrows(IllegalArgumentException.class, () -> SharedEvent.autoReset(memory, -8));
    assertThrows(
        IllegalArgumentException.class, () -> SharedEvent.autoReset(memory, TestMemory.BYTES));
    SharedEvent.autoReset(memory, TestMemory.BYTES - 8);
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertThrows(ReadOnlyMemoryException.class, () -> SharedEvent.autoReset(readOnly, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void saysHowItIs(Words words) {
    SharedEvent event = auto(words, 1);
    String where = "auto-reset event at offset 64 of " + test.memory() + ": ";
    assertEquals(where + "not set", event.toString());
    Actor<Boolean> waiter = waiter(event);
    assertEquals(where + "not set, others wait", event.toString());
    event.set();
    assertTrue(waiter.result());
    SharedEvent manual = manual(words, 2);
    manual.set();
    assertEquals(
        "manual-reset event at offset 128 of " + test.memory() + ": set", manual.toString());
    assertTrue(event.isAutoReset());
    assertFalse(manual.isAutoReset());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anyAnswersTheEventThatWasSetAndTakesNoOther(Words words) throws InterruptedException {
    SharedEvent[] events = {auto(words, 0), auto(words, 1), manual(words, 2), auto(words, 3)};
    for (SharedEvent event : events) {
      Actor<SharedEvent> waiter =
          Actor.start(() -> SharedEvent.awaitAny(1, TimeUnit.HOURS, events)).awaitBlocked(FUTEXES);
      event.set();
      assertSame(event, waiter.result());
      assertEquals(!event.isAutoReset(), event.isSet());
      event.reset();
    }
    events[3].set();
    events[1].set();
    assertSame(events[1], SharedEvent.awaitAny(events), "the first in their order");
    assertSame(events[3], SharedEvent.awaitAnyUninterruptibly(events));
    assertNull(SharedEvent.awaitAny(-1, TimeUnit.SECONDS, events));
    events[2].set();
    assertSame(events[2], SharedEvent.awaitAny(0, TimeUnit.SECONDS, events));
    assertSame(events[2], SharedEvent.awaitAny(events[2], events[2]));
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anySeesAManualResetEventThatWasResetAtOnce(Words words) {
    SharedEvent event = manual(words, 1);
    Actor<SharedEvent> waiter =
        Actor.start(() -> SharedEvent.awaitAny(auto(words, 0), event)).awaitBlocked(FUTEXES);
    event.set();
    event.reset();
    assertSame(event, waiter.result());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void anyTakesUpTo127(Words words) throws InterruptedException {
    SharedEvent[] events = new SharedEvent[SharedEvent.ANY_MAX];
    Arrays.setAll(events, i -> SharedEvent.autoReset(words.at(test.memory(), 64L * i)));
    for (SharedEvent event : List.of(events[0], events[SharedEvent.ANY_MAX - 1])) {
      Actor<SharedEvent> interruptible =
          Actor.start(() -> SharedEvent.awaitAny(events)).awaitBlocked(FUTEXES);
      Actor<SharedEvent> uninterruptible =
          Actor.start(() -> SharedEvent.awaitAnyUninterruptibly(events)).awaitBlocked(FUTEXES);
      event.set();
      Eventually.until("taken", () -> !event.isSet());
      event.set();
      assertSame(event, interruptible.result());
      assertSame(event, uninterruptible.result());
    }
    SharedEvent[] tooMany = Arrays.copyOf(events, SharedEvent.ANY_MAX + 1);
    tooMany[SharedEvent.ANY_MAX] = events[0];
    for (SharedEvent[] wrong : List.of(tooMany, new SharedEvent[0])) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> SharedEvent.awaitAny(wrong))
              .getMessage();
      assertTrue(message.contains("found " + wrong.length + " events"), message);
    }
  }

  /** At once, and not only when it comes to sleeping. */
  @Test
  void anyRefusesSharedBesidePrivate() {
    SharedEvent set = auto(Words.SHARED, 0);
    set.set();
    SharedEvent other = auto(Words.PRIVATE, 1);
    assertThrows(IllegalArgumentException.class, () -> SharedEvent.awaitAny(set, other));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedEvent.awaitAny(0, TimeUnit.SECONDS, other, set));
    assertTrue(set.isSet());
  }

  /**
   * It was woken for the second, and took the first: whoever sleeps for the second is woken in its place, and does not
   * find it by looking again after half a second.
   */
  @ParameterizedTest
  @EnumSource(Words.class)
  void anyPassesOnWhatItDoesNotTake(Words words) {
    SharedEvent first = auto(words, 0);
    SharedEvent second = auto(words, 1);
    long fastest = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      Actor<SharedEvent> any =
          Actor.start(() -> SharedEvent.awaitAnyUninterruptibly(first, second))
              .awaitBlocked(FUTEXES);
      Actor<Boolean> single = waiter(second);
      long start = System.nanoTime();
      test.memory().buffer().putInt(0, 1); // set, and nobody is woken yet
      second.set();
      assertSame(first, any.result());
      assertTrue(single.result());
      assertFalse(second.isSet());
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    assertTrue(fastest < TimeUnit.MILLISECONDS.toNanos(200), fastest + " ns");
  }
}
