// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.linux.Errno;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of the manager, on words that the kernel serves and on words that this JVM serves. */
class FutexManagerTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  enum Sort {
    SHARED,
    PRIVATE
  }

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private FutexWord word(Sort sort, int number) {
    return sort == Sort.SHARED ? test.shared(number) : test.ofThisJvm(number);
  }

  @ParameterizedTest
  @EnumSource
  void wakesExactlyTheCountAndOnlyOnThisWord(Sort sort) {
    FutexWord word = word(sort, 0);
    FutexWord other = word(sort, 1);
    Actor<WaitResult> unrelated = waiter(other);
    List<Actor<WaitResult>> waiters = List.of(waiter(word), waiter(word), waiter(word));
    assertEquals(2, FUTEXES.wake(word, 2));
    Eventually.until("two woken", () -> waiters.stream().filter(Actor::isDone).count() == 2);
    assertEquals(1, FUTEXES.wake(word, FutexManager.ALL));
    waiters.forEach(w -> assertEquals(WaitResult.WOKEN, w.result()));
    assertFalse(unrelated.isDone(), "a waiter on another word sleeps on");
    assertEquals(1, FUTEXES.wake(other, 1));
    assertEquals(WaitResult.WOKEN, unrelated.result());
  }

  private Actor<WaitResult> waiter(FutexWord word) {
    return Actor.start(() -> FUTEXES.wait(word, 0)).awaitBlocked(FUTEXES);
  }

  @ParameterizedTest
  @EnumSource
  void doesNotSleepOnAnotherValueNorPastTheDeadline(Sort sort) {
    FutexWord word = word(sort, 0);
    assertEquals(WaitResult.VALUE_CHANGED, FUTEXES.wait(word, 1));
    long past = Deadline.after(-1, TimeUnit.SECONDS);
    assertEquals(WaitResult.TIMED_OUT, FUTEXES.wait(word, 0, FutexManager.ANY_BIT, past));
    assertEquals(WaitResult.VALUE_CHANGED, FUTEXES.wait(word, 1, FutexManager.ANY_BIT, past));
    long start = System.nanoTime();
    long soon = Deadline.after(20, TimeUnit.MILLISECONDS);
    assertEquals(WaitResult.TIMED_OUT, FUTEXES.wait(word, 0, FutexManager.ANY_BIT, soon));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(20), "never early");
    long wallClock = Deadline.at(java.time.Instant.now().plusMillis(20));
    assertEquals(WaitResult.TIMED_OUT, FUTEXES.wait(word, 0, FutexManager.ANY_BIT, wallClock));
  }

  @ParameterizedTest
  @EnumSource
  void wakeNeedsACommonBit(Sort sort) {
    FutexWord word = word(sort, 0);
    Actor<WaitResult> waiter =
        Actor.start(() -> FUTEXES.wait(word, 0, 0b0110, Deadline.NONE)).awaitBlocked(FUTEXES);
    assertEquals(0, FUTEXES.wake(word, 1, 0b1001));
    assertEquals(1, FUTEXES.wake(word, 1, 0b0100));
    assertEquals(WaitResult.WOKEN, waiter.result());
  }

  @ParameterizedTest
  @EnumSource
  void requeueMovesWithoutWaking(Sort sort) {
    FutexWord from = word(sort, 0);
    FutexWord to = word(sort, 1);
    List<Actor<WaitResult>> waiters = List.of(waiter(from), waiter(from), waiter(from));
    assertEquals(FutexManager.VALUE_CHANGED, FUTEXES.compareRequeue(from, 9, to, 1, 5));
    assertEquals(3, FUTEXES.compareRequeue(from, 0, to, 1, 5));
    Eventually.until("one woken", () -> waiters.stream().anyMatch(Actor::isDone));
    assertEquals(0, FUTEXES.wake(from, 1));
    assertEquals(2, FUTEXES.requeue(to, from, 0, 5));
    assertEquals(2, FUTEXES.wake(from, FutexManager.ALL));
    waiters.forEach(w -> assertEquals(WaitResult.WOKEN, w.result()));
  }

  @ParameterizedTest
  @EnumSource
  void wakeOpChangesAndWakesOnBoth(Sort sort) {
    FutexWord one = word(sort, 0);
    FutexWord other = word(sort, 1);
    Actor<WaitResult> first = waiter(one);
    Actor<WaitResult> second = waiter(other);
    WakeOp increment = WakeOp.add(1).when(WakeOp.Comparison.EQUAL, 0);
    assertEquals(2, FUTEXES.wakeOp(one, 1, other, 1, increment));
    assertEquals(1, other.getVolatile());
    assertEquals(WaitResult.WOKEN, first.result());
    assertEquals(WaitResult.WOKEN, second.result());
    assertEquals(
        0,
        FUTEXES.wakeOp(one, 1, other, 1, WakeOp.set(5).shifted().when(WakeOp.Comparison.LESS, -1)));
    assertEquals(32, other.getVolatile());
  }

  @ParameterizedTest
  @EnumSource
  void waitAnyTellsWhich(Sort sort) {
    FutexWord[] words = {word(sort, 0), word(sort, 1), word(sort, 2)};
    int[] expected = {0, 0, 0};
    Actor<Integer> waiter =
        Actor.start(() -> FUTEXES.waitAny(words, expected, Deadline.NONE)).awaitBlocked(FUTEXES);
    assertEquals(1, FUTEXES.wake(words[2], 1));
    assertEquals(2, waiter.result());
    assertEquals(0, FUTEXES.wake(words[0], 1), "it left the other queues");
    words[1].setVolatile(1);
    assertEquals(FutexManager.VALUE_CHANGED, FUTEXES.waitAny(words, expected, Deadline.NONE));
    long past = Deadline.after(0, TimeUnit.SECONDS);
    assertEquals(FutexManager.TIMED_OUT, FUTEXES.waitAny(words, new int[] {0, 1, 0}, past));
  }

  @ParameterizedTest
  @EnumSource
  void piHandsOver(Sort sort) {
    FutexWord word = word(sort, 0);
    assertTrue(FUTEXES.lockPi(word, Deadline.NONE));
    assertEquals(FUTEXES.currentTid(), word.getVolatile());
    assertEquals(
        Errno.EDEADLK,
        assertThrows(FutexException.class, () -> FUTEXES.lockPi(word, Deadline.NONE)).errno());
    assertFalse(Actor.start(() -> FUTEXES.tryLockPi(word)).result());
    long soon = Deadline.after(1, TimeUnit.MILLISECONDS);
    assertFalse(Actor.start(() -> FUTEXES.lockPi(word, soon)).result());
    Actor<Boolean> next =
        Actor.start(
            () -> {
              boolean locked = FUTEXES.lockPi(word, Deadline.NONE);
              FUTEXES.unlockPi(word);
              return locked;
            });
    next.awaitBlocked(FUTEXES);
    FUTEXES.unlockPi(word);
    assertTrue(next.result());
    Eventually.until("free", () -> word.getVolatile() == 0);
    assertEquals(
        Errno.EPERM, assertThrows(FutexException.class, () -> FUTEXES.unlockPi(word)).errno());
    word.setVolatile(0x3ffffff0);
    assertEquals(
        Errno.ESRCH,
        assertThrows(FutexException.class, () -> FUTEXES.lockPi(word, Deadline.NONE)).errno());
  }

  @ParameterizedTest
  @EnumSource
  void requeueToAPiWordMakesOwners(Sort sort) {
    FutexWord sequence = word(sort, 0);
    FutexWord lock = word(sort, 1);
    assertTrue(FUTEXES.lockPi(lock, Deadline.NONE));
    Actor<WaitResult> waiter =
        Actor.start(
            () -> {
              WaitResult result = FUTEXES.waitRequeuePi(sequence, 0, lock, Deadline.NONE);
              FUTEXES.unlockPi(lock);
              return result;
            });
    waiter.awaitBlocked(FUTEXES);
    assertEquals(1, FUTEXES.compareRequeuePi(sequence, 0, lock, FutexManager.ALL));
    assertFalse(waiter.isDone());
    FUTEXES.unlockPi(lock);
    assertEquals(WaitResult.WOKEN, waiter.result());
  }

  @Test
  void preparedPrivateWaiterCountsForEveryWake() {
    FutexWord word = test.ofThisJvm(0);
    Waiter waiter = new Waiter();
    assertFalse(FUTEXES.waitPrepare(waiter, word, 1, FutexManager.ANY_BIT));
    assertTrue(FUTEXES.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT));
    assertThrows(
        IllegalStateException.class,
        () -> FUTEXES.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT));
    assertFalse(waiter.isWoken());
    assertEquals(1, FUTEXES.wake(word, 1));
    assertTrue(waiter.isWoken());
    assertEquals(WaitResult.WOKEN, FUTEXES.await(waiter, Deadline.NONE));
    assertTrue(FUTEXES.waitComplete(waiter));
    assertThrows(IllegalStateException.class, () -> FUTEXES.waitComplete(waiter));

    assertTrue(FUTEXES.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT));
    assertFalse(FUTEXES.waitComplete(waiter));
    assertEquals(0, FUTEXES.wake(word, 1), "a completed waiter is in no queue");
  }

  @Test
  void preparedSharedWaiterMissesNoChange() {
    FutexWord word = test.shared(0);
    Waiter waiter = new Waiter();
    assertTrue(FUTEXES.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT));
    assertEquals(
        WaitResult.TIMED_OUT, FUTEXES.await(waiter, Deadline.after(1, TimeUnit.MILLISECONDS)));
    word.setVolatile(1);
    assertEquals(WaitResult.WOKEN, FUTEXES.await(waiter, Deadline.NONE));
    assertTrue(FUTEXES.waitComplete(waiter));
  }

  @Test
  void forkHasPrivateWordsOfItsOwn() {
    FutexManager fork = FUTEXES.fork();
    FutexWord own = test.ofThisJvm(0);
    FutexWord shared = test.shared(1);
    Actor<WaitResult> privately = waiter(own);
    Actor<WaitResult> publicly = waiter(shared);
    assertEquals(0, fork.wake(own, 1));
    assertEquals(1, fork.wake(shared, 1));
    assertEquals(WaitResult.WOKEN, publicly.result());
    assertFalse(privately.isDone());
    assertEquals(1, FUTEXES.wake(own, 1));
    assertEquals(WaitResult.WOKEN, privately.result());
  }

  @Test
  void wakesThroughAnotherMappingOfTheFile() {
    try (MappedMemory again = test.mapAgain()) {
      Actor<WaitResult> shared = waiter(test.shared(3));
      Actor<WaitResult> ofThisMapping = waiter(test.ofThisJvm(3));
      assertEquals(1, FUTEXES.wake(again.word(3 * 64), 9));
      assertEquals(WaitResult.WOKEN, shared.result());
      assertEquals(0, FUTEXES.wake(again.privateWord(3 * 64), 9));
      assertEquals(1, FUTEXES.wake(test.ofThisJvm(3), 9));
      assertEquals(WaitResult.WOKEN, ofThisMapping.result());
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeReleasesWaiters(Sort sort) {
    FutexWord word = word(sort, 0);
    FutexWord[] words = {word(sort, 1), word(sort, 2)};
    FutexWord pi = word(sort, 3);
    FUTEXES.lockPi(pi, Deadline.NONE);
    List<Actor<?>> waiters =
        List.of(
            Actor.start(() -> FUTEXES.wait(word, 0)),
            Actor.start(() -> FUTEXES.waitInterruptibly(word, 0)),
            Actor.start(() -> FUTEXES.wait(word, 0, 4, Deadline.NONE)),
            Actor.start(() -> FUTEXES.waitInterruptibly(word, 0, 4, Deadline.NONE)),
            Actor.start(() -> FUTEXES.waitAny(words, new int[2], Deadline.NONE)),
            Actor.start(() -> FUTEXES.waitAnyInterruptibly(words, new int[2], Deadline.NONE)),
            Actor.start(() -> FUTEXES.lockPi(pi, Deadline.NONE)),
            Actor.start(() -> FUTEXES.lockPiInterruptibly(pi, Deadline.NONE)),
            Actor.start(
                () -> FUTEXES.waitRequeuePi(word(sort, 4), 0, word(sort, 5), Deadline.NONE)));
    waiters.forEach(w -> w.awaitBlocked(FUTEXES));
    Actor<WaitResult> elsewhere = waiter(TestMemory.anonymous().privateWord(0));
    test.memory().close();
    waiters.forEach(w -> assertInstanceOf(ClosedMemoryException.class, w.failure()));
    assertFalse(elsewhere.isDone());
    assertThrows(ClosedMemoryException.class, () -> FUTEXES.wake(word, 1));
    assertThrows(ClosedMemoryException.class, () -> FUTEXES.wait(word, 0));
  }

  @Test
  void aWakeAfterTheCloseStillReachesOtherMappings() {
    try (MappedMemory others = test.mapAgain()) {
      FutexWord mine = test.shared(0);
      FutexWord theirs = others.word(0);
      Actor<WaitResult> waiter = waiter(theirs);
      test.memory().close();
      // Whoever changed the word just before the close owes them this wake.
      assertThrows(ClosedMemoryException.class, () -> FUTEXES.wake(mine, 1));
      assertEquals(WaitResult.WOKEN, waiter.result());
    }
  }

  @ParameterizedTest
  @EnumSource
  void ownerByCompareAndSetIsKnown(Sort sort) {
    FutexWord word = word(sort, 0);
    assertTrue(word.compareAndSet(0, FUTEXES.currentTid()));
    Actor<Boolean> next = Actor.start(() -> FUTEXES.lockPi(word, Deadline.NONE));
    next.awaitBlocked(FUTEXES);
    FUTEXES.unlockPi(word);
    assertTrue(next.result());
  }

  @ParameterizedTest
  @EnumSource
  void aCircleOfOwnersIsADeadlock(Sort sort) {
    FutexWord mine = word(sort, 0);
    FutexWord theirs = word(sort, 1);
    FUTEXES.lockPi(mine, Deadline.NONE);
    Actor<Boolean> other =
        Actor.start(
            () -> {
              FUTEXES.lockPi(theirs, Deadline.NONE);
              boolean both = FUTEXES.lockPi(mine, Deadline.NONE);
              FUTEXES.unlockPi(mine);
              FUTEXES.unlockPi(theirs);
              return both;
            });
    other.awaitBlocked(FUTEXES);
    FutexException circle =
        assertThrows(FutexException.class, () -> FUTEXES.lockPi(theirs, Deadline.NONE));
    assertEquals(Errno.EDEADLK, circle.errno());
    FUTEXES.unlockPi(mine);
    assertTrue(other.result());
  }

  @Test
  void aDeadOwnerIsSucceededByWhoWaitsToOwnNotByAPlainWaiter() {
    FutexWord word = test.ofThisJvm(0);
    FutexWord die = test.ofThisJvm(1);
    Actor<WaitResult> owner =
        Actor.start(
            () -> {
              FUTEXES.lockPi(word, Deadline.NONE);
              return FUTEXES.wait(die, 0);
            });
    owner.awaitBlocked(FUTEXES);
    Actor<WaitResult> first = Actor.start(() -> FUTEXES.lockPiInterruptibly(word, Deadline.NONE));
    first.awaitBlocked(FUTEXES);
    int value = word.getVolatile();
    Actor<WaitResult> plain = Actor.start(() -> FUTEXES.wait(word, value)).awaitBlocked(FUTEXES);
    Actor<Boolean> heir = Actor.start(() -> FUTEXES.lockPi(word, Deadline.NONE));
    heir.awaitBlocked(FUTEXES);
    first.thread().interrupt();
    assertEquals(WaitResult.INTERRUPTED, first.result());
    FUTEXES.wake(die, 1);
    assertTrue(heir.result());
    assertTrue((word.getVolatile() & LinuxAbi.FUTEX_OWNER_DIED) != 0);
    assertFalse(plain.isDone());
  }

  @Test
  void whatWritesRefusesAReadOnlyMapping() throws IOException {
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      FutexWord word = readOnly.word(0);
      WakeOp operation = WakeOp.set(0).when(WakeOp.Comparison.EQUAL, 0);
      List<Executable> calls =
          List.of(
              () -> FUTEXES.lockPi(word, Deadline.NONE),
              () -> FUTEXES.tryLockPi(word),
              () -> FUTEXES.wakeOp(test.shared(1), 1, word, 1, operation),
              () -> FUTEXES.waitRequeuePi(test.shared(1), 0, word, Deadline.NONE),
              () -> FUTEXES.compareRequeuePi(test.shared(1), 0, word, 1));
      calls.forEach(call -> assertThrows(ReadOnlyMemoryException.class, call));
      assertEquals(WaitResult.VALUE_CHANGED, FUTEXES.wait(word, 1));
      assertEquals(0, FUTEXES.wake(word, 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPreparedWaiterCanBeCompletedAfterTheClose(Sort sort) {
    Waiter waiter = new Waiter();
    assertTrue(FUTEXES.waitPrepare(waiter, word(sort, 0), 0, FutexManager.ANY_BIT));
    test.memory().close();
    FUTEXES.waitComplete(waiter);
    MappedMemory other = TestMemory.anonymous();
    assertTrue(FUTEXES.waitPrepare(waiter, other.privateWord(0), 0, FutexManager.ANY_BIT));
    assertFalse(FUTEXES.waitComplete(waiter));
  }

  @Test
  void closeWhileOthersUseIt() {
    for (int round = 0; round < 50; round++) {
      TestMemory memory = new TestMemory();
      FutexWord word = memory.shared(0);
      FutexWord other = memory.shared(1);
      List<Actor<Void>> users =
          List.of(
              Actor.start(() -> forever(() -> FUTEXES.wait(word, 0))),
              Actor.start(() -> forever(() -> FUTEXES.wake(word, 1))),
              Actor.start(() -> forever(() -> word.compareAndSet(0, 0))),
              Actor.start(() -> forever(() -> FUTEXES.requeue(word, other, 1, 1))));
      memory.close();
      users.forEach(u -> assertInstanceOf(ClosedMemoryException.class, u.failure()));
    }
  }

  private static Void forever(Executable step) throws Exception {
    while (true) {
      try {
        step.execute();
      } catch (Exception | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void misuseIsRefused(Sort sort) {
    FutexWord word = word(sort, 0);
    FutexWord other = word(sort, 1);
    FutexWord mixed = word(sort == Sort.SHARED ? Sort.PRIVATE : Sort.SHARED, 1);
    assertRefused("bitset 0", () -> FUTEXES.wait(word, 0, 0, Deadline.NONE));
    assertRefused("bitset 0", () -> FUTEXES.waitPrepare(new Waiter(), word, 0, 0));
    assertRefused("bitset 0", () -> FUTEXES.wake(word, 1, 0));
    assertRefused("wake count -1", () -> FUTEXES.wake(word, -1));
    assertRefused("wake count 0", () -> FUTEXES.wake(word, 0));
    assertRefused("requeue count -3", () -> FUTEXES.requeue(word, other, 1, -3));
    assertRefused("wake count -2", () -> FUTEXES.compareRequeue(word, 0, other, -2, 1));
    assertRefused("requeue count -1", () -> FUTEXES.compareRequeuePi(word, 0, other, -1));
    WakeOp operation = WakeOp.set(0).when(WakeOp.Comparison.EQUAL, 0);
    assertRefused("1 and 0", () -> FUTEXES.wakeOp(word, 1, other, 0, operation));
    assertRefused("do not mix", () -> FUTEXES.requeue(word, mixed, 1, 1));
    assertRefused("do not mix", () -> FUTEXES.compareRequeue(word, 0, mixed, 1, 1));
    assertRefused("do not mix", () -> FUTEXES.wakeOp(word, 1, mixed, 1, operation));
    assertRefused("do not mix", () -> FUTEXES.waitRequeuePi(word, 0, mixed, Deadline.NONE));
    assertRefused("do not mix", () -> FUTEXES.compareRequeuePi(word, 0, mixed, 1));
    FutexWord[] two = {word, mixed};
    assertRefused("do not mix", () -> FUTEXES.waitAny(two, new int[2], Deadline.NONE));
    FutexWord[] many = new FutexWord[129];
    Arrays.fill(many, word);
    assertRefused("129 words", () -> FUTEXES.waitAny(many, new int[129], Deadline.NONE));
    FutexWord[] limit = Arrays.copyOf(many, 128);
    assertRefused(
        "1 to 127", () -> FUTEXES.waitAnyInterruptibly(limit, new int[128], Deadline.NONE));
    assertRefused("0 words", () -> FUTEXES.waitAny(new FutexWord[0], new int[0], Deadline.NONE));
    assertRefused(
        "2 expected", () -> FUTEXES.waitAny(new FutexWord[] {word}, new int[2], Deadline.NONE));
    assertRefused("shift by 32", () -> WakeOp.set(32).shifted());
    assertRefused("operand 2048", () -> WakeOp.add(2048).when(WakeOp.Comparison.LESS, 0));
    assertRefused("comparand -2049", () -> WakeOp.add(1).when(WakeOp.Comparison.LESS, -2049));
  }

  @ParameterizedTest
  @EnumSource
  void waitAnyTakesAsManyWordsAsTheKernel(Sort sort) {
    FutexWord[] words = new FutexWord[128];
    Arrays.setAll(words, i -> word(sort, i));
    Actor<Integer> most = Actor.start(() -> FUTEXES.waitAny(words, new int[128], Deadline.NONE));
    most.awaitBlocked(FUTEXES);
    FutexWord[] one = Arrays.copyOfRange(words, 1, 128);
    Actor<Integer> interruptible =
        Actor.start(() -> FUTEXES.waitAnyInterruptibly(one, new int[127], Deadline.NONE));
    interruptible.awaitBlocked(FUTEXES);
    assertEquals(2, FUTEXES.wake(words[127], 2));
    assertEquals(127, most.result());
    assertEquals(126, interruptible.result());
  }

  private static void assertRefused(String part, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
  }

  @Test
  void ffmIsInUseWhereItShouldBe() {
    boolean expected =
        Runtime.version().feature() >= 22 && System.getProperty(FutexSyscalls.PROPERTY) == null;
    assertEquals(expected ? "ffm" : "jna", FutexSyscalls.system().name());
  }
}
