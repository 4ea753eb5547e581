// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DoorbellTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final String NO_MEMBARRIER = "-D" + KernelFeatures.MEMBARRIER_PROPERTY + "=false";
  private static final int SLEEPERS = 3;
  private static final int FENCES = 4;
  private static final int FENCED = 8;
  private static final int RING = 16;
  private static final int IN_VAIN_MAX = 512;

  private static final int MODE = 4;
  private static final int FENCE = 1;
  private static final int MEMBARRIER = 2;

  private final TestMemory test = new TestMemory();
  private final AtomicBoolean work = new AtomicBoolean();

  @AfterEach
  void close() {
    test.close();
  }

  private Doorbell doorbell(Words words) {
    return Doorbell.at(words.at(test.memory(), 0));
  }

  private int state() {
    return test.memory().buffer().getInt(0);
  }

  private int sleepers() {
    return state() & SLEEPERS;
  }

  private int rings() {
    return state() / RING;
  }

  /** Whether rings are to fence, and whether every one does. */
  private int fences() {
    return state() & (FENCES | FENCED);
  }

  private Actor<Boolean> waiter(Doorbell doorbell) {
    return Actor.start(() -> doorbell.await(work::get, 1, TimeUnit.HOURS)).awaitBlocked(FUTEXES);
  }

  @Test
  @Tag(Polled.NOT)
  void worksWithoutTheSystemCall() {
    Polled.run(DoorbellTest.class);
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void zerosAreOneThatNobodyUsedYet(Words words) {
    Doorbell doorbell = doorbell(words);
    doorbell.ring();
    assertEquals(0, state());
    assertTrue(doorbell.toString().contains(": nobody sleeps, "), doorbell.toString());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void ringWakesAllWhoSleep(Words words) {
    Doorbell doorbell = doorbell(words);
    Actor<Boolean> first = waiter(doorbell);
    assertEquals(1, sleepers());
    Actor<Boolean> second = waiter(doorbell);
    assertEquals(2, sleepers());
    assertTrue(doorbell.toString().contains(": several may sleep, "), doorbell.toString());
    work.set(true);
    doorbell.ring();
    assertTrue(first.result());
    assertTrue(second.result());
    assertEquals(0, sleepers());
    assertEquals(1, rings());
    doorbell.ring();
    assertEquals(1, rings(), "nobody sleeps, so nothing is to be done");
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void whoIsRungForNothingSleepsOn(Words words) {
    Doorbell doorbell = doorbell(words);
    Actor<Boolean> waiter = waiter(doorbell);
    doorbell.ring();
    waiter.awaitBlocked(FUTEXES);
    work.set(true);
    doorbell.ring();
    assertTrue(waiter.result());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void workThatIsThereNeedsNoRing(Words words) throws InterruptedException {
    Doorbell doorbell = doorbell(words);
    doorbell.await(() -> true);
    doorbell.awaitUninterruptibly(() -> true);
    assertTrue(doorbell.await(() -> true, -1, TimeUnit.NANOSECONDS));
    AtomicInteger looks = new AtomicInteger();
    assertFalse(doorbell.await(() -> looks.incrementAndGet() < 0, 0, TimeUnit.NANOSECONDS));
    assertEquals(1, looks.get());
    assertEquals(0, state());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void whoFindsWorkAfterItAnnouncedItselfTakesThatBack(Words words) throws InterruptedException {
    Doorbell doorbell = doorbell(words);
    assertTrue(doorbell.await(() -> sleepers() != 0, 1, TimeUnit.HOURS), "the second look");
    assertEquals(0, sleepers());

    int ticket = doorbell.prepare();
    assertEquals(1, sleepers());
    doorbell.cancel(ticket);
    assertEquals(0, sleepers());
    doorbell.cancel(ticket);
    assertEquals(0, rings());

    int first = doorbell.prepare();
    int second = doorbell.prepare();
    doorbell.cancel(second);
    doorbell.cancel(first);
    assertEquals(2, sleepers(), "one of them may still sleep, for all that the bits tell");
    doorbell.ring();
    assertEquals(0, sleepers());
    assertEquals(1, rings());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void aTicketIsGoodUntilTheRing(Words words) throws InterruptedException {
    Doorbell doorbell = doorbell(words);
    int ticket = doorbell.prepare();
    assertFalse(doorbell.sleep(ticket, 1, TimeUnit.MILLISECONDS));
    int other = doorbell.prepare();
    assertFalse(doorbell.sleep(ticket, 1, TimeUnit.MILLISECONDS));
    doorbell.ring();
    assertTrue(doorbell.sleep(ticket));
    assertTrue(doorbell.sleep(other));
    int next = doorbell.prepare();
    assertTrue(doorbell.sleep(ticket), "used up, though somebody sleeps again");
    doorbell.cancel(ticket);
    assertEquals(next, state());
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void timesOutAndIsInterrupted(Words words) throws InterruptedException {
    Doorbell doorbell = doorbell(words);
    assertFalse(doorbell.await(work::get, 5, TimeUnit.MILLISECONDS));
    assertEquals(0, sleepers());

    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> doorbell.await(() -> true));
    assertFalse(Thread.interrupted());
    int ticket = doorbell.prepare();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> doorbell.sleep(ticket));
    assertFalse(Thread.interrupted());
    doorbell.cancel(ticket);

    Actor<String> interrupted =
        Actor.start(
                () -> {
                  assertThrows(InterruptedException.class, () -> doorbell.await(work::get));
                  return "status " + Thread.interrupted();
                })
            .awaitBlocked(FUTEXES);
    interrupted.thread().interrupt();
    assertEquals("status false", interrupted.result());
    assertEquals(0, sleepers());

    Actor<Boolean> waiting =
        Actor.start(
                () -> {
                  doorbell.awaitUninterruptibly(work::get);
                  return Thread.interrupted();
                })
            .awaitBlocked(FUTEXES);
    waiting.thread().interrupt();
    waiting.awaitBlocked(FUTEXES);
    work.set(true);
    doorbell.ring();
    assertTrue(waiting.result(), "the interrupt had to wait");
  }

  @ParameterizedTest
  @EnumSource(Words.class)
  void closedMemoryReleasesWhoSleeps(Words words) {
    Doorbell doorbell = doorbell(words);
    Actor<Throwable> waiter =
        Actor.start(
                () ->
                    (Throwable)
                        assertThrows(ClosedMemoryException.class, () -> doorbell.await(work::get)))
            .awaitBlocked(FUTEXES);
    test.memory().close();
    waiter.result();
    assertThrows(ClosedMemoryException.class, doorbell::ring);
    assertThrows(ClosedMemoryException.class, doorbell::prepare);
    assertTrue(doorbell.toString().endsWith(": closed"), doorbell.toString());
  }

  /** Who sleeps pays for the fences of others only as long as they may not know that they are to fence themselves. */
  @ParameterizedTest
  @EnumSource(Words.class)
  @Tag(Polled.NOT)
  void ringsFenceWhileSomebodySleepsNowAndThen(Words words) throws InterruptedException {
    Assumptions.assumeTrue(AsymmetricFence.HAS_LIGHT, "every ring fences here");
    Doorbell doorbell = doorbell(words);
    assertEquals(0, fences());
    doorbell.cancel(doorbell.prepare());
    assertEquals(FENCES, fences(), "from the first sleeper on");
    int ticket = doorbell.prepare();
    Eventually.until(
        "rings fence", () -> sleptBy(doorbell, ticket) && fences() == (FENCES | FENCED));
    doorbell.cancel(ticket);
    assertEquals(0, sleepers(), "the word has changed since, and the ticket is still good");
    int next = doorbell.prepare();
    assertEquals(FENCES | FENCED, fences());
    doorbell.cancel(next);

    for (int i = 1; i < IN_VAIN_MAX; i++) {
      doorbell.ring();
    }
    assertEquals(FENCES | FENCED, fences());
    doorbell.ring();
    assertEquals(0, fences(), "nobody slept for so long");
    assertEquals(0, rings());
  }

  /** A ring that finds a sleeper is not in vain. */
  @Test
  @Tag(Polled.NOT)
  void ringsThatWakeFenceOn() {
    Doorbell doorbell = doorbell(Words.SHARED);
    doorbell.prepare();
    int fences = fences();
    for (int i = 0; i < 2 * IN_VAIN_MAX; i++) {
      doorbell.ring();
      if (i % 2 == 0) {
        doorbell.prepare();
      }
    }
    assertEquals(fences, fences());
  }

  private static boolean sleptBy(Doorbell doorbell, int ticket) {
    try {
      assertFalse(doorbell.sleep(ticket, 10, TimeUnit.MILLISECONDS));
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void refusesWhatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> Doorbell.at(test.memory(), 4));
    test.memory().buffer().putInt(MODE, 7);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Doorbell.at(test.memory(), 0))
            .getMessage();
    assertTrue(message.contains("found mode 7 at offset 4 of "), message);
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertThrows(ReadOnlyMemoryException.class, () -> Doorbell.at(readOnly, 64));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Tag(Polled.NOT)
  void theFirstToComeChoosesTheModeForAll() throws InterruptedException {
    Doorbell.at(test.memory(), 0);
    int mode = test.memory().buffer().getInt(MODE);
    assertEquals(AsymmetricFence.HAS_LIGHT ? MEMBARRIER : FENCE, mode);
    test.memory().buffer().putInt(64 + MODE, FENCE);
    try (MappedMemory other = test.mapAgain()) {
      int ticket = Doorbell.at(other, 64).prepare();
      Doorbell.at(test.memory(), 64).ring();
      assertTrue(Doorbell.at(other, 64).sleep(ticket));
    }
    assertEquals(FENCE, test.memory().buffer().getInt(64 + MODE));
  }

  @Test
  @Tag(Polled.NOT)
  void whoHasNoMembarrierRingsAndDoesNotSleep() {
    test.memory().buffer().putInt(MODE, MEMBARRIER);
    Actor<Boolean> waiter = waiter(Doorbell.at(test.memory(), 0));
    ChildJvm.Ended ended =
        ChildJvm.run(
            List.of(NO_MEMBARRIER), Ringer.class, test.path().toString(), "expect to be refused");
    assertEquals(0, ended.status(), ended.output());
    assertTrue(ended.output().contains("cannot sleep by doorbell at offset 0"), ended.output());
    waiter.awaitBlocked(FUTEXES); // again, since the child rang
    work.set(true);
    Doorbell.at(test.memory(), 0).ring();
    assertTrue(waiter.result());
    assertNotEquals(1, rings(), "the child rang, too");
  }

  /** Rings once in a JVM of its own. */
  private static final class Ringer {
    public static void main(String[] arguments) throws Exception {
      Doorbell doorbell = Doorbell.at(MappedMemory.open(Path.of(arguments[0])), 0);
      try {
        doorbell.await(() -> false);
      } catch (UnsupportedOperationException e) {
        System.out.println(e.getMessage());
      }
      doorbell.ring();
    }
  }

  /** Nobody looks again by itself: one lost ring, and all stand still. */
  @Test
  @Tag(Polled.NOT)
  void noRingIsLostBetweenProcesses() {
    for (String flag : List.of("-Djfutex.stress", NO_MEMBARRIER)) {
      try (TestMemory file = new TestMemory()) {
        List<Actor<ChildJvm.Ended>> children =
            Stream.of("0", "1")
                .map(
                    side ->
                        Actor.start(
                            () ->
                                ChildJvm.run(
                                    List.of("-Djfutex.healing=0", flag),
                                    Stress.class,
                                    file.path().toString(),
                                    side)))
                .toList();
        for (Actor<ChildJvm.Ended> child : children) {
          ChildJvm.Ended ended = child.result();
          assertEquals(0, ended.status(), ended.output());
        }
      }
    }
  }

  /**
   * Two sides throw balls to and fro, each with a thread a ball. One ball has doorbells of its own, and who waits for
   * it announces itself about when it comes; the others share theirs, so that rings meet some who sleep and some who
   * do not.
   */
  private static final class Stress {
    private static final int BALLS = 3;
    private static final int BALL = 256; // the first; all is 64 bytes apart
    private static final int THROWS = 20_000;

    public static void main(String[] arguments) throws Exception {
      MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
      int side = Integer.parseInt(arguments[1]);
      List<Actor<Void>> actors =
          IntStream.range(0, BALLS)
              .mapToObj(
                  i ->
                      Actor.start(
                          () -> {
                            int pair = i == 0 ? 0 : 128;
                            Doorbell own = Doorbell.at(memory, pair + 64L * side);
                            Doorbell theirs = Doorbell.at(memory, pair + 64L * (1 - side));
                            return play(memory.word(BALL + 64L * i), side, own, theirs);
                          }))
              .toList();
      actors.forEach(Actor::result);
    }

    private static Void play(FutexWord ball, int side, Doorbell own, Doorbell theirs)
        throws InterruptedException {
      SplittableRandom random = new SplittableRandom(side);
      for (int i = side; i < THROWS; i += 2) {
        int mine = i;
        if (ball.offset() == BALL) {
          Spin.pause(random.nextInt(30));
          awaitInSteps(own, () -> ball.getVolatile() == mine);
        } else {
          own.await(() -> ball.getVolatile() == mine);
        }
        ball.setRelease(i + 1);
        theirs.ring();
      }
      return null;
    }

    private static void awaitInSteps(Doorbell doorbell, BooleanSupplier ready)
        throws InterruptedException {
      while (!ready.getAsBoolean()) {
        int ticket = doorbell.prepare();
        while (!ready.getAsBoolean() && !doorbell.sleep(ticket)) {
          // for no reason: the ticket is still good
        }
        doorbell.cancel(ticket);
      }
    }
  }
}
