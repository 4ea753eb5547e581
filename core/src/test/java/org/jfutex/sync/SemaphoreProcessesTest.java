// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.SemaphoreSubject;
import org.jfutex.support.SemaphoreSubject.Kind;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads of several JVMs want permits of one semaphore. Never are more inside than there are permits, each gets its
 * turns, and in the end all permits are there.
 */
class SemaphoreProcessesTest {
  private static final int INSIDE = 8192;
  private static final int TURNS = 8256;
  private static final int PROCESSES = 2;
  private static final int THREADS = 3;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  /** Nobody looks again by itself here: a wake-up that were lost would be lost for ever. */
  @ParameterizedTest
  @CsvSource({"ROBUST, 1", "ROBUST, 2", "ROBUST, 4", "SHARED, 1", "SHARED, 2", "SHARED, 4"})
  void nobodySleepsWhileAPermitIsFree(Kind kind, int permits) throws InterruptedException {
    String turns = "4000";
    ChildJvm.runAll(
        PROCESSES,
        List.of("-Djfutex.healing=0"),
        SemaphoreProcessesTest.class,
        test.path().toString(),
        kind.name(),
        Integer.toString(permits),
        turns);
    assertEquals(
        PROCESSES * THREADS * Integer.parseInt(turns), test.memory().word(TURNS).getVolatile());
    SemaphoreSubject semaphore = kind.of(test.memory(), permits);
    assertEquals(permits, semaphore.availablePermits());
    assertTrue(semaphore.tryAcquire(permits));
  }

  /** Wherever they are killed, holding, waiting or between, the permits come back and the others go on. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void permitsOfKilledProcessesComeBack(int permits) throws Exception {
    RobustSemaphore semaphore = RobustSemaphore.at(test.memory(), 64, permits);
    FutexWord turns = test.memory().word(TURNS);
    for (int kill = 0; kill < 4; kill++) {
      int before = turns.getVolatile();
      Process victim =
          ChildJvm.start(
              List.of(),
              SemaphoreProcessesTest.class,
              test.path().toString(),
              Kind.ROBUST.name(),
              Integer.toString(permits),
              Integer.toString(Integer.MAX_VALUE));
      try {
        int until = before + ThreadLocalRandom.current().nextInt(1, 200);
        Eventually.until("turns of the victim", () -> turns.getVolatile() - until >= 0);
        Actor<Boolean> waiting = Actor.start(() -> semaphore.tryAcquire(60, TimeUnit.SECONDS));
        victim.destroyForcibly();
        assertTrue(waiting.result());
        victim.waitFor();
      } finally {
        victim.destroyForcibly();
      }
      Eventually.until("all are free", () -> semaphore.availablePermits() == permits);
      test.memory().word(INSIDE).setVolatile(0);
    }
    assertTrue(semaphore.tryAcquire(permits));
  }

  /** One of the processes: file, kind, permits, turns of each thread. */
  public static void main(String[] arguments) throws IOException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    int permits = Integer.parseInt(arguments[2]);
    int turns = Integer.parseInt(arguments[3]);
    SemaphoreSubject semaphore = Kind.valueOf(arguments[1]).of(memory, permits);
    FutexWord inside = memory.word(INSIDE);
    List<Actor<Void>> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      boolean impatient = i == 0;
      threads.add(
          Actor.start(
              () -> {
                for (int turn = 0; turn < turns; turn++) {
                  if (impatient) {
                    while (!semaphore.tryAcquire(50, TimeUnit.MICROSECONDS)) {
                      Thread.onSpinWait();
                    }
                  } else {
                    semaphore.acquire();
                  }
                  int others = inside.getAndAdd(1);
                  memory.word(TURNS).getAndAdd(1);
                  if (turn % 16 == 0) {
                    Thread.yield();
                  }
                  inside.getAndAdd(-1);
                  semaphore.release();
                  if (others >= permits && turns < Integer.MAX_VALUE) {
                    throw new AssertionError(others + 1 + " inside, expected " + permits);
                  }
                }
                return null;
              }));
    }
    threads.forEach(Actor::result);
  }
}
