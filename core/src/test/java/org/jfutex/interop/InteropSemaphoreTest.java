// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.NamedSemaphore;
import org.jfutex.sync.SharedSemaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Semaphores between Java and C, on the same bytes and by the same name, in both directions. */
class InteropSemaphoreTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int OFFSET = 64;
  private static final int INSIDE = 1024;

  private final TestMemory test = new TestMemory();
  private final List<CPeer> peers = new ArrayList<>();
  private final String name =
      "/jfutex-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();

  @AfterEach
  void close() throws IOException {
    peers.forEach(CPeer::close);
    test.close();
    Files.deleteIfExists(path());
  }

  private Path path() {
    return Path.of("/dev/shm/sem." + name.substring(1));
  }

  private CPeer start() {
    CPeer peer = new CPeer("semaphore-peer.c", CPrograms.GNU11, test.path());
    peers.add(peer);
    return peer;
  }

  private static Actor<Boolean> acquirer(SharedSemaphore semaphore) {
    return Actor.start(
            () -> {
              semaphore.acquire();
              return true;
            })
        .awaitBlocked(FUTEXES);
  }

  /** One was made by C, one by Java. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eachWakesTheOther(boolean madeByC) throws InterruptedException {
    CPeer c = start();
    SharedSemaphore semaphore;
    if (madeByC) {
      assertEquals("OK", c.ask("init 64 1 2"));
      semaphore = SharedSemaphore.adopt(test.memory(), OFFSET);
    } else {
      semaphore = SharedSemaphore.at(test.memory(), OFFSET, 2);
    }
    assertEquals("OK 2", c.ask("getvalue 64"));
    assertTrue(semaphore.tryAcquire());
    assertEquals("OK", c.ask("wait 64"));
    assertEquals(0, semaphore.availablePermits());
    assertEquals("EAGAIN", c.ask("trywait 64"));
    assertFalse(semaphore.tryAcquire());
    assertEquals("ETIMEDOUT", c.ask("timedwait 64 3"));
    assertFalse(semaphore.tryAcquire(3, TimeUnit.MILLISECONDS));
    assertEquals(0, semaphore.getQueueLength());

    for (String sleeps : List.of("wait 64", "timedwait 64 60000")) {
      c.tellAndSleep(sleeps, OFFSET);
      assertEquals(1, semaphore.getQueueLength());
      semaphore.release();
      assertEquals("OK", c.answer());
    }
    CPeer other = start();
    Actor<Boolean> waiting = acquirer(semaphore);
    assertEquals("OK", other.ask("post 64"));
    assertTrue(waiting.result());

    waiting = acquirer(semaphore);
    c.tellAndSleep("wait 64", OFFSET);
    assertEquals(2, semaphore.getQueueLength());
    semaphore.release(3);
    assertTrue(waiting.result());
    assertEquals("OK", c.answer());
    assertEquals("OK 1", c.ask("getvalue 64"));
    assertEquals(0, semaphore.getQueueLength());
  }

  @Test
  void whatIsProcessPrivateIsRefused() {
    CPeer c = start();
    assertEquals("OK", c.ask("init 64 0 2"));
    for (boolean adopt : List.of(true, false)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    if (adopt) {
                      SharedSemaphore.adopt(test.memory(), OFFSET);
                    } else {
                      SharedSemaphore.at(test.memory(), OFFSET, 2);
                    }
                  })
              .getMessage();
      assertTrue(message.contains("or a process-private one"), message);
      assertTrue(message.contains("sem_init with pshared 1"), message);
    }
    assertEquals("OK 2", c.ask("getvalue 64"));
  }

  @Test
  void bothOverflowAtTheSameNumber() {
    CPeer c = start();
    SharedSemaphore semaphore =
        SharedSemaphore.at(test.memory(), OFFSET, SharedSemaphore.PERMITS_MAX);
    assertEquals("EOVERFLOW", c.ask("post 64"));
    assertThrows(IllegalStateException.class, semaphore::release);
    assertEquals("OK 2147483647", c.ask("getvalue 64"));
  }

  /** Processes of C and threads of Java in one crowd: never more inside than permits, and all are there in the end. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void permitsAreKept(int permits) {
    int times = 3000;
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), OFFSET, permits);
    FutexWord inside = test.memory().word(INSIDE);
    List<CPeer> c = List.of(start(), start());
    assertTrue(semaphore.tryAcquire(permits), "until all C peers sleep");
    c.forEach(
        peer ->
            peer.tellAndSleep(
                "turns " + OFFSET + " " + INSIDE + " " + permits + " " + times, OFFSET));
    List<Actor<Integer>> java = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      boolean timed = i == 0;
      java.add(
          Actor.start(
              () -> {
                int most = 0;
                for (int turn = 0; turn < times; turn++) {
                  if (timed) {
                    while (!semaphore.tryAcquire(50, TimeUnit.MICROSECONDS)) {
                      Thread.onSpinWait();
                    }
                  } else {
                    semaphore.acquire();
                  }
                  most = Math.max(most, inside.getAndAdd(1) + 1);
                  inside.getAndAdd(-1);
                  semaphore.release();
                }
                return most;
              }));
    }
    semaphore.release(permits);
    java.forEach(actor -> assertTrue(actor.result() <= permits));
    c.forEach(peer -> assertEquals("OK", peer.answer()));
    assertEquals(permits, semaphore.availablePermits());
    assertEquals(0, semaphore.getQueueLength());
  }

  /** It is counted for ever, and woken in vain; those who live get every permit. */
  @Test
  void aWaiterIsKilled() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), OFFSET, 0);
    CPeer victim = start();
    CPeer c = start();
    victim.tellAndSleep("wait 64", OFFSET);
    Actor<Boolean> java = acquirer(semaphore);
    c.tellAndSleep("wait 64", OFFSET);
    victim.die();
    semaphore.release(2);
    assertTrue(java.result());
    assertEquals("OK", c.answer());
    assertEquals(0, semaphore.availablePermits());
    assertEquals(1, semaphore.getQueueLength(), "counted for ever");
    java = acquirer(semaphore);
    assertEquals("OK", c.ask("post 64"));
    assertTrue(java.result());
  }

  /** C is killed on its way, woken perhaps; Java looks again, so no permit is left lying. */
  @Test
  void takersAreKilledOnTheirWay() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), OFFSET, 0);
    for (int i = 0; i < 10; i++) {
      CPeer victim = start();
      victim.tellAndSleep("take 64 1", OFFSET);
      Actor<Boolean> java = acquirer(semaphore);
      semaphore.release();
      victim.die();
      if (!java.isDone() && semaphore.availablePermits() == 0) {
        semaphore.release(); // the victim took it along, perhaps
      }
      assertTrue(java.result());
      semaphore.drainPermits();
    }
  }

  @Test
  void aNamedOneOfJavaIsOpenedByC() throws Exception {
    CPeer c = start();
    assertEquals("ENOENT", c.ask("open " + name));
    try (NamedSemaphore semaphore = NamedSemaphore.create(name, 1)) {
      assertEquals("OK", c.ask("open " + name));
      assertEquals("EEXIST", start().ask("create " + name + " 1"));
      assertEquals("OK 1", c.ask("getvalue named"));
      semaphore.acquire();
      c.tell("wait named");
      Eventually.until("C waits", () -> semaphore.getQueueLength() == 1);
      semaphore.release();
      assertEquals("OK", c.answer());
      Actor<Boolean> waiting = acquirer(semaphore);
      assertEquals("OK", c.ask("post named"));
      assertTrue(waiting.result());
      assertEquals("OK", c.ask("unlink " + name));
      assertThrows(NoSuchFileException.class, () -> NamedSemaphore.open(name));
      semaphore.release();
      assertEquals("OK 1", c.ask("getvalue named"), "goes on without a name");
      assertEquals("OK", c.ask("close"));
    }
  }

  @Test
  void aNamedOneOfCIsOpenedByJava() throws Exception {
    CPeer c = start();
    assertEquals("OK", c.ask("create " + name + " 3"));
    ByteBuffer ofC = ByteBuffer.wrap(Files.readAllBytes(path()));
    try (NamedSemaphore semaphore = NamedSemaphore.open(name);
        NamedSemaphore again = NamedSemaphore.openOrCreate(name.substring(1), 7)) {
      assertEquals(3, semaphore.drainPermits());
      c.tell("wait named");
      Eventually.until("C waits", () -> again.getQueueLength() == 1);
      again.release();
      assertEquals("OK", c.answer());
      NamedSemaphore.unlink(name);
      assertEquals("ENOENT", c.ask("unlink " + name));
    }
    try (NamedSemaphore semaphore = NamedSemaphore.openOrCreate(name, 3)) {
      assertEquals(3, semaphore.availablePermits());
      assertEquals(ofC, ByteBuffer.wrap(Files.readAllBytes(path())), "the same bytes as C's");
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
    }
  }
}
