// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jfutex.linux.Errno;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Thread.interrupt() ends the waits that say so, on every engine, and keeps the status; the others go on. */
class InterruptTest {
  private static final int ANY = FutexManager.ANY_BIT;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  /** An engine, and whether it serves shared words. */
  record Subject(String name, FutexEngine engine, boolean shared) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Subject> engines() {
    Stream<String> names =
        Runtime.version().feature() >= 22 ? Stream.of("jna", "ffm") : Stream.of("jna");
    return Stream.concat(
        names.flatMap(
            name ->
                Stream.of(
                    new Subject(name, new KernelEngine(FutexSyscalls.named(name)), true),
                    new Subject(name + " in slices", sliced(name), true))),
        Stream.of(
            new Subject("in-JVM", new InJvmEngine(), false),
            new Subject("polling", InJvmEngine.polling(), true)));
  }

  private static KernelEngine sliced(String name) {
    System.setProperty(KernelFeatures.WAITV_PROPERTY, "false");
    try {
      return new KernelEngine(FutexSyscalls.named(name));
    } finally {
      System.clearProperty(KernelFeatures.WAITV_PROPERTY);
    }
  }

  private FutexWord word(Subject subject, int number) {
    return subject.shared ? test.shared(number) : test.ofThisJvm(number);
  }

  /** What a call answered, and whether its thread was interrupted afterwards. */
  record Ended(int answer, boolean interrupted) {}

  private static Actor<Ended> start(FutexEngine engine, Callable<Integer> call) {
    Actor<Ended> actor =
        Actor.start(() -> new Ended(call.call(), Thread.currentThread().isInterrupted()));
    awaitBlocked(engine, actor);
    return actor;
  }

  private static void awaitBlocked(FutexEngine engine, Actor<?> actor) {
    Eventually.until("the table of waits shows the actor", () -> shows(engine, actor));
  }

  private static boolean shows(FutexEngine engine, Actor<?> actor) {
    boolean[] found = new boolean[1];
    engine.forEachWait(wait -> found[0] |= wait.thread() == actor.thread());
    return found[0];
  }

  @ParameterizedTest
  @MethodSource("engines")
  void endsAnInterruptibleWait(Subject subject) {
    FutexEngine engine = subject.engine;
    FutexWord word = word(subject, 0);
    FutexWord[] words = {word, word(subject, 1)};
    List<Callable<Integer>> waits =
        List.of(
            () -> engine.wait(word, 0, ANY, Deadline.NONE, true),
            () -> engine.wait(word, 0, 6, Deadline.NONE, true),
            () -> engine.waitAny(words, new int[2], Deadline.NONE, true));
    for (Callable<Integer> wait : waits) {
      for (int round = 0; round < 20; round++) {
        Actor<Ended> actor = start(engine, wait);
        actor.thread().interrupt();
        assertEquals(new Ended(-Errno.EINTR, true), actor.result());
      }
      Actor<Ended> before =
          Actor.start(
              () -> {
                Thread.currentThread().interrupt();
                return new Ended(wait.call(), Thread.currentThread().isInterrupted());
              });
      assertEquals(new Ended(-Errno.EINTR, true), before.result(), "interrupted before");
    }
    assertEquals(0, engine.wake(word, 1, ANY), "nobody is left in a queue");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void doesNotEndTheOthersButIsKept(Subject subject) {
    FutexEngine engine = subject.engine;
    FutexWord word = word(subject, 0);
    FutexWord[] words = {word(subject, 1), word(subject, 2)};
    Actor<Ended> wait = start(engine, () -> engine.wait(word, 0, ANY, Deadline.NONE, false));
    Actor<Ended> any = start(engine, () -> engine.waitAny(words, new int[2], Deadline.NONE, false));
    wait.thread().interrupt();
    any.thread().interrupt();
    // What is interruptible and started later has ended: the interrupts above had the time to do
    // harm.
    Actor<Ended> witness =
        start(engine, () -> engine.wait(word(subject, 3), 0, ANY, Deadline.NONE, true));
    witness.thread().interrupt();
    witness.result();
    assertFalse(wait.isDone());
    assertFalse(any.isDone());
    word.setVolatile(1);
    words[1].setVolatile(1);
    engine.wake(word, 1, ANY);
    engine.wake(words[1], 1, ANY);
    assertTrue(wait.result().interrupted());
    assertTrue(any.result().interrupted());
  }

  @ParameterizedTest
  @MethodSource("engines")
  void aWakeIsNeverLostToAnInterrupt(Subject subject) {
    FutexEngine engine = subject.engine;
    if (subject.name.equals("polling")) {
      return; // another process cannot count; here, too, a poll may see the change first
    }
    FutexWord word = word(subject, 0);
    for (int round = 0; round < 200; round++) {
      Actor<Ended> actor = start(engine, () -> engine.wait(word, 0, ANY, Deadline.NONE, true));
      Thread interrupter = new Thread(() -> actor.thread().interrupt());
      interrupter.start();
      int woken = engine.wake(word, 1, ANY);
      int answer = actor.result().answer();
      // Counted as woken means told so: otherwise a mutex would lose its hand-over.
      assertEquals(woken == 1 ? 0 : -Errno.EINTR, answer, "round " + round);
      join(interrupter);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(60));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void endsAnInterruptibleLockPi() {
    for (FutexEngine engine :
        List.of(new KernelEngine(FutexSyscalls.named("jna")), new InJvmEngine())) {
      FutexWord word = engine instanceof KernelEngine ? test.shared(5) : test.ofThisJvm(5);
      assertEquals(0, engine.lockPi(word, Deadline.NONE, false));
      Actor<Ended> actor = start(engine, () -> engine.lockPi(word, Deadline.NONE, true));
      actor.thread().interrupt();
      assertEquals(new Ended(-Errno.EINTR, true), actor.result());
      assertEquals(0, engine.unlockPi(word));
    }
  }

  @Test
  void slicesThatHideALostWakeUpAreCounted() {
    KernelEngine engine = sliced("jna");
    FutexWord word = test.shared(0);
    Actor<Ended> woken = start(engine, () -> engine.wait(word, 0, ANY, Deadline.NONE, true));
    Eventually.until("woken", () -> engine.wake(word, 1, ANY) == 1);
    assertEquals(0, woken.result().answer());
    assertEquals(0, engine.hiddenWakeUps());
    Actor<Ended> forgotten = start(engine, () -> engine.wait(word, 0, ANY, Deadline.NONE, true));
    word.setVolatile(1); // and no wake
    assertEquals(-Errno.EAGAIN, forgotten.result().answer());
    assertTrue(engine.hiddenWakeUps() <= 1);
  }
}
