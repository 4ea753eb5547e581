// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SharedOnceTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int STARTED = 8192;
  private static final int DIE = 8196;
  private static final int COUNTERS = 12288;

  private final TestMemory test = new TestMemory();
  private final SharedOnce once = SharedOnce.at(test.memory(), 0);
  private int initialised;

  @AfterEach
  void close() {
    test.close();
  }

  private void initialise() {
    initialised++;
  }

  /** Begins an initialiser that goes on when the event is set. */
  private Actor<Boolean> initialising(SharedEvent goOn) {
    Actor<Boolean> actor = Actor.start(() -> once.run(goOn::awaitUninterruptibly));
    return actor.awaitBlocked(FUTEXES);
  }

  private SharedEvent goOn() {
    return SharedEvent.manualReset(test.memory().privateWord(256));
  }

  @Test
  void theFirstOneInitialisesAndTheOthersWait() throws Exception {
    assertFalse(once.isDone());
    SharedEvent goOn = goOn();
    Actor<Boolean> first = initialising(goOn);
    List<Callable<Boolean>> calls =
        List.of(
            () -> once.run(this::initialise),
            () -> once.runInterruptibly(this::initialise),
            () -> SharedOnce.at(test.memory(), 0).run(this::initialise, 1, TimeUnit.HOURS));
    List<Actor<Boolean>> others =
        calls.stream().map(call -> Actor.start(call).awaitBlocked(FUTEXES)).toList();
    assertFalse(once.isDone());
    goOn.set();
    assertTrue(first.result());
    others.forEach(other -> assertFalse(other.result()));
    for (Callable<Boolean> call : calls) {
      assertFalse(call.call());
    }
    assertTrue(once.isDone());
    assertEquals(0, initialised);
  }

  /** A robust error-check mutex of 40 bytes, free; then 1 when it is done. C has them, too. */
  @Test
  void theLayoutIsPinned() {
    assertEquals(64, SharedOnce.BYTES);
    ByteBuffer bytes = test.memory().buffer();
    assertEquals(MutexKind.DEFAULT.toField(), bytes.getInt(16));
    assertTrue(once.run(this::initialise));
    assertEquals(1, initialised);
    for (int at = 0; at < SharedOnce.BYTES; at += Integer.BYTES) {
      int expected =
          switch (at) {
            case MutexLayout.COUNT, 40 -> 1;
            case MutexLayout.KIND -> MutexKind.DEFAULT.toField();
            default -> 0;
          };
      if (at < MutexLayout.PREV || at >= MutexLayout.BYTES) {
        assertEquals(expected, bytes.getInt(at), "at " + at);
      }
    }
  }

  @Test
  void oneThatThrowsIsReplaced() throws Exception {
    RuntimeException thrown = new IllegalStateException("as it happens");
    List<Callable<Boolean>> calls =
        List.of(
            () -> once.run(() -> rethrow(thrown)),
            () -> once.runInterruptibly(() -> rethrow(thrown)),
            () -> once.run(() -> rethrow(thrown), 0, TimeUnit.SECONDS));
    for (Callable<Boolean> call : calls) {
      assertSame(thrown, assertThrows(RuntimeException.class, call::call));
      assertFalse(once.isDone());
    }
    assertTrue(once.run(this::initialise, 0, TimeUnit.SECONDS));
    assertTrue(once.isDone());
    assertEquals(1, initialised);
  }

  private static void rethrow(RuntimeException thrown) {
    throw thrown;
  }

  @Test
  void oneThatAsksForItselfIsRefused() {
    Runnable recursive = () -> once.run(this::initialise);
    assertThrows(DeadlockException.class, () -> once.run(recursive));
    assertFalse(once.isDone());
  }

  @Test
  void timesOut() throws Exception {
    SharedEvent goOn = goOn();
    Actor<Boolean> first = initialising(goOn);
    for (long millis : new long[] {3, 0, Long.MIN_VALUE}) {
      assertThrows(
          TimeoutException.class, () -> once.run(this::initialise, millis, TimeUnit.MILLISECONDS));
    }
    goOn.set();
    assertTrue(first.result());
    assertFalse(once.run(this::initialise, 0, TimeUnit.SECONDS));
    assertEquals(0, initialised);
  }

  @Test
  void anInterruptEndsTheWaitOfThoseWhoAskForThat() {
    SharedEvent goOn = goOn();
    Actor<Boolean> first = initialising(goOn);
    List<Callable<Boolean>> calls =
        List.of(
            () -> once.runInterruptibly(this::initialise),
            () -> once.run(this::initialise, 1, TimeUnit.HOURS));
    for (Callable<Boolean> call : calls) {
      Actor<Boolean> during = Actor.start(() -> interrupted(call)).awaitBlocked(FUTEXES);
      during.thread().interrupt();
      assertFalse(during.result(), "the status is cleared");
      Actor<Boolean> before =
          Actor.start(
              () -> {
                Thread.currentThread().interrupt();
                return interrupted(call);
              });
      assertFalse(before.result());
    }
    Actor<Boolean> patient =
        Actor.start(() -> once.run(this::initialise) || Thread.interrupted()).awaitBlocked(FUTEXES);
    patient.thread().interrupt();
    patient.awaitBlocked(FUTEXES);
    goOn.set();
    assertTrue(first.result());
    assertTrue(patient.result());
    assertEquals(0, initialised);
  }

  private static boolean interrupted(Callable<?> call) {
    assertThrows(InterruptedException.class, call::call);
    return Thread.currentThread().isInterrupted();
  }

  @Test
  void closedMemoryEndsTheWait() {
    SharedEvent goOn = SharedEvent.manualReset(TestMemory.anonymous().privateWord(0));
    Actor<Boolean> first = initialising(goOn);
    Actor<Boolean> waiting = Actor.start(() -> once.run(this::initialise)).awaitBlocked(FUTEXES);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiting.failure());
    goOn.set();
    // Closing does not unlock: it is replaced when its thread ends.
    assertInstanceOf(ClosedMemoryException.class, first.failure());
    List<Executable> calls =
        List.of(
            once::isDone,
            () -> once.run(this::initialise),
            () -> once.runInterruptibly(this::initialise),
            () -> once.run(this::initialise, 1, TimeUnit.SECONDS));
    calls.forEach(call -> assertThrows(ClosedMemoryException.class, call));
    assertTrue(once.toString().endsWith("closed"), once.toString());
  }

  @Test
  void refusesAPlaceThatItCannotHave() {
    MappedMemory memory = test.memory();
    assertThrows(IllegalArgumentException.class, () -> SharedOnce.at(memory, 4));
    assertThrows(
        IllegalArgumentException.class, () -> SharedOnce.at(memory, TestMemory.BYTES - 56));
    assertThrows(UnsupportedOperationException.class, () -> SharedOnce.at(memory.privateWord(64)));
    SharedOnce.at(memory.word(64)).run(this::initialise);
    assertTrue(SharedOnce.at(memory, 64).isDone());
    memory.buffer().putInt(128 + 16, 7);
    assertThrows(IllegalArgumentException.class, () -> SharedOnce.at(memory, 128));
  }

  @Test
  void saysHowItIs() {
    String where = "once at offset 0 of " + test.memory() + ": ";
    assertEquals(where + "not done", once.toString());
    SharedEvent goOn = goOn();
    Actor<Boolean> first = initialising(goOn);
    assertTrue(once.toString().startsWith(where + "being done by thread "), once.toString());
    goOn.set();
    assertTrue(first.result());
    assertEquals(where + "done", once.toString());
  }

  private Actor<ChildJvm.Ended> child(String task) {
    return Actor.start(
        () -> ChildJvm.run(List.of(), SharedOnceTest.class, test.path().toString(), task));
  }

  @Test
  void anInitialiserThatIsKilledIsReplaced() {
    FutexWord started = test.memory().word(STARTED);
    for (int round = 0; round < 2; round++) {
      int number = round;
      SharedOnce another = SharedOnce.at(test.memory(), 64L * round);
      Actor<ChildJvm.Ended> victim = child(Integer.toString(round));
      Eventually.until("started", () -> started.getVolatile() > number || victim.isDone());
      List<Actor<Boolean>> others =
          IntStream.range(0, 3)
              .mapToObj(i -> Actor.start(() -> another.run(this::initialise)))
              .map(actor -> actor.awaitBlocked(FUTEXES))
              .toList();
      test.memory().word(DIE).setVolatile(round + 1);
      assertEquals(1, others.stream().filter(Actor::result).count());
      assertEquals(round + 1, initialised);
      assertEquals(128 + 9, victim.result().status());
    }
  }

  private static final int ROUNDS = 120;
  private static final int PROCESSES = 3;
  private static final int THREADS = 3;

  @Test
  void oneOfAllProcessesInitialises() {
    List<Actor<ChildJvm.Ended>> children =
        IntStream.range(0, PROCESSES).mapToObj(i -> child("all")).toList();
    for (Actor<ChildJvm.Ended> child : children) {
      ChildJvm.Ended ended = child.result();
      assertEquals(0, ended.status(), ended.output());
    }
    for (int round = 0; round < ROUNDS; round++) {
      assertEquals(1, test.memory().buffer().getInt(COUNTERS + Integer.BYTES * round));
    }
  }

  /**
   * @param arguments path; the number of what to be killed in, or all
   */
  public static void main(String[] arguments) throws IOException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    if (arguments[1].equals("all")) {
      List<Actor<Void>> actors =
          IntStream.range(0, THREADS).mapToObj(i -> Actor.start(() -> initialise(memory))).toList();
      actors.forEach(Actor::result);
    } else {
      int round = Integer.parseInt(arguments[1]);
      SharedOnce.at(memory, 64L * round).run(() -> die(memory, round + 1));
    }
  }

  private static void die(MappedMemory memory, int round) {
    memory.word(STARTED).setVolatile(round);
    Eventually.until("to die", () -> memory.word(DIE).getVolatile() == round);
    try {
      new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid())).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (true) {
      LockSupport.park();
    }
  }

  private static Void initialise(MappedMemory memory) {
    ByteBuffer bytes = memory.buffer();
    for (int round = 0; round < ROUNDS; round++) {
      int counter = COUNTERS + Integer.BYTES * round;
      SharedOnce.at(memory, 64L * round)
          .run(() -> bytes.putInt(counter, bytes.getInt(counter) + 1));
      assertEquals(1, bytes.getInt(counter));
    }
    return null;
  }
}
