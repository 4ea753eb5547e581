// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Futures of several JVMs, which are cancelled at random moments, and JVMs that are killed. */
class AsyncProcessesTest {
  private static final int SEMAPHORE = 64;
  private static final int EVENT = 128;
  private static final int INSIDE = 256;
  private static final int TURNS = 320;
  private static final int PROCESSES = 2;
  private static final int CLIENTS = 4;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  /** Nobody looks again by itself here: a wake-up that were lost would be lost for ever. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void noPermitIsLostHoweverOftenFuturesAreCancelled(int permits) {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), SEMAPHORE, permits);
    String turns = "1500";
    List<Actor<ChildJvm.Ended>> children = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      children.add(
          Actor.start(
              () ->
                  ChildJvm.run(
                      List.of("-Djfutex.healing=0"),
                      AsyncProcessesTest.class,
                      test.path().toString(),
                      Integer.toString(permits),
                      turns)));
    }
    for (Actor<ChildJvm.Ended> child : children) {
      ChildJvm.Ended ended = child.result();
      assertEquals(0, ended.status(), ended.output());
    }
    assertEquals(
        PROCESSES * CLIENTS * Integer.parseInt(turns), test.memory().word(TURNS).getVolatile());
    assertEquals(permits, semaphore.availablePermits());
    assertEquals(0, semaphore.getQueueLength());
  }

  @Test
  void theFuturesOfAKilledProcessKeepNobodyWaiting() throws Exception {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), SEMAPHORE, 0);
    SharedEvent event = SharedEvent.autoReset(test.memory(), EVENT);
    FutexWord ready = test.memory().word(TURNS);
    for (int kill = 1; kill <= 2; kill++) {
      Process victim = ChildJvm.start(List.of(), AsyncProcessesTest.class, test.path().toString());
      try {
        int before = kill - 1;
        Eventually.until("it waits", () -> ready.getVolatile() > before);
        CompletableFuture<Void> permit = semaphore.acquireAsync();
        CompletableFuture<Void> set = event.awaitAsync();
        victim.destroyForcibly().waitFor();
        semaphore.release();
        event.set();
        permit.get(60, TimeUnit.SECONDS);
        set.get(60, TimeUnit.SECONDS);
      } finally {
        victim.destroyForcibly();
      }
    }
    assertEquals(0, semaphore.availablePermits());
  }

  /** One of the processes: file, permits, turns of each client; or file, and it waits to be killed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    SharedSemaphore semaphore = SharedSemaphore.at(memory, SEMAPHORE, 0);
    if (arguments.length == 1) {
      for (int i = 0; i < 10; i++) {
        semaphore.acquireAsync();
        SharedEvent.autoReset(memory, EVENT).awaitAsync();
      }
      memory.word(TURNS).getAndAdd(1);
      Thread.sleep(Long.MAX_VALUE);
    }
    int permits = Integer.parseInt(arguments[1]);
    int turns = Integer.parseInt(arguments[2]);
    List<Actor<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      boolean blocks = i == 0;
      clients.add(
          Actor.start(
              () -> {
                for (int turn = 0; turn < turns; turn++) {
                  if (blocks) {
                    semaphore.acquire();
                  } else {
                    acquire(semaphore);
                  }
                  int others = memory.word(INSIDE).getAndAdd(1);
                  memory.word(TURNS).getAndAdd(1);
                  if (turn % 16 == 0) {
                    Thread.yield();
                  }
                  memory.word(INSIDE).getAndAdd(-1);
                  semaphore.release();
                  if (others >= permits) {
                    throw new AssertionError(others + 1 + " inside, expected " + permits);
                  }
                }
                return null;
              }));
    }
    clients.forEach(Actor::result);
    Eventually.until("those that were cancelled are gone", () -> semaphore.getQueueLength() == 0);
  }

  /** Gives up a few times before it stays. */
  private static void acquire(SharedSemaphore semaphore) throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (true) {
      CompletableFuture<Void> permit =
          random.nextBoolean() ? semaphore.acquireAsync() : semaphore.acquireAsync(Runnable::run);
      if (random.nextBoolean()) {
        for (int spin = random.nextInt(2_000); spin > 0; spin--) {
          Thread.onSpinWait();
        }
        permit.cancel(false);
      }
      try {
        permit.get(60, TimeUnit.SECONDS);
        return;
      } catch (CancellationException e) {
        // and again
      }
    }
  }
}
