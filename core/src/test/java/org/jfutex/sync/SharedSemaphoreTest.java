// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a semaphore of glibc's layout promises beyond {@link SemaphoreContractTest}. */
class SharedSemaphoreTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int SHARING = 8;
  private static final int MAKER = 12;
  private static final int PROCESS_SHARED = 0x80;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private void assertBytes(int value, int waiters) {
    ByteBuffer bytes = test.memory().buffer();
    assertEquals(value, bytes.getInt(0));
    assertEquals(waiters, bytes.getInt(4));
    assertEquals(PROCESS_SHARED, bytes.getInt(SHARING));
    assertEquals(0, bytes.getInt(MAKER));
    assertEquals(0, bytes.getLong(16));
    assertEquals(0, bytes.getLong(24));
  }

  @Test
  void bytesAreThoseOfC() throws InterruptedException {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), 0, 2);
    assertBytes(2, 0);
    semaphore.acquire();
    semaphore.acquire();
    Actor<Void> waiting =
        Actor.<Void>start(
                () -> {
                  semaphore.acquire();
                  return null;
                })
            .awaitBlocked(FUTEXES);
    assertBytes(0, 1);
    semaphore.release(3);
    waiting.result();
    assertBytes(2, 0);
    assertEquals(
        "semaphore at offset 0 of " + test.memory() + ": 2 permits, 0 waiting",
        semaphore.toString());
  }

  @Test
  void whoComesSecondFindsWhatIsThere() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), 0, 2);
    assertTrue(semaphore.tryAcquire(2));
    for (SharedSemaphore again :
        List.of(SharedSemaphore.at(test.memory(), 0, 7), SharedSemaphore.adopt(test.memory(), 0))) {
      assertEquals(0, again.availablePermits());
    }
    try (MappedMemory other = test.mapAgain()) {
      SharedSemaphore same = SharedSemaphore.at(other, 0, 7);
      Actor<Boolean> waiting =
          Actor.start(
                  () -> {
                    same.acquire();
                    return true;
                  })
              .awaitBlocked(FUTEXES);
      semaphore.release();
      assertTrue(waiting.result());
    }
  }

  /** All come at once; one makes it, none makes it again when its permits are taken. */
  @Test
  void manyMakeOne() throws Exception {
    int threads = 4;
    for (boolean shared : List.of(true, false)) {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Actor<Integer>> actors = new ArrayList<>();
      int rounds = 250;
      for (int i = 0; i < threads; i++) {
        actors.add(
            Actor.start(
                () -> {
                  int taken = 0;
                  for (int round = 0; round < rounds; round++) {
                    long offset = 64 * (round + 1);
                    start.await();
                    SharedSemaphore semaphore =
                        SharedSemaphore.at(
                            shared
                                ? test.memory().word(offset)
                                : test.memory().privateWord(offset - 32),
                            3);
                    while (semaphore.tryAcquire()) {
                      taken++;
                    }
                  }
                  return taken;
                }));
      }
      int taken = actors.stream().mapToInt(Actor::result).sum();
      assertEquals(3 * rounds, taken, "no permit twice, none lost");
    }
  }

  /** Wherever its maker died, the next one makes it. */
  @Test
  void aMakerThatDiedIsReplaced() {
    for (int value : List.of(0, 5)) {
      for (int waiters : List.of(0, LinuxAbi.FUTEX_WAITERS)) {
        test.memory().buffer().putInt(0, value);
        test.memory().buffer().putInt(SHARING, 0);
        test.memory().buffer().putInt(MAKER, LinuxAbi.FUTEX_OWNER_DIED | waiters);
        assertEquals(5, SharedSemaphore.at(test.memory(), 0, 5).availablePermits());
        assertBytes(5, 0);
      }
    }
  }

  @Test
  void theKernelTellsThatTheMakerDied() {
    Actor<Void> maker =
        Actor.start(
            () -> {
              CurrentThread self = CurrentThread.get();
              self.robustList().beginMoment(test.memory().word(MAKER).address());
              test.memory().word(MAKER).setVolatile(self.tid);
              test.memory().word(0).setVolatile(5);
              while (test.memory().word(MAKER).getVolatile() == self.tid) {
                Thread.onSpinWait(); // until somebody waits for it
              }
              return null;
            });
    Eventually.until("somebody makes it", () -> test.memory().word(0).getVolatile() == 5);
    Actor<Integer> next =
        Actor.start(() -> SharedSemaphore.at(test.memory(), 0, 3).availablePermits());
    maker.result();
    assertEquals(3, next.result());
    assertBytes(3, 0);
  }

  @Test
  void whatIsNoSemaphoreIsRefused() {
    test.memory().word(0).setVolatile(3);
    assertRefused("process-private one (0 at offset 8)", 0);
    test.memory().word(0).setVolatile(0);
    test.memory().word(16).setVolatile(1);
    assertRefused("process-private one (0 at offset 8)", 0);
    test.memory().word(SHARING).setVolatile(0x81);
    assertRefused("no semaphore (0x81 at offset 8)", 0);
    SharedSemaphore.at(test.memory().privateWord(64), 1);
    assertRefused("a semaphore for the threads of one JVM", 64);
    assertRefused("offset " + (TestMemory.BYTES - 24), TestMemory.BYTES - 24);
    assertRefused("not at a multiple of 8", 68);
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> SharedSemaphore.at(test.memory(), 128, -1))
            .getMessage();
    assertTrue(message.startsWith("-1 permits, expected 0 to 2147483647"), message);
    SharedSemaphore.at(test.memory(), 128, 1);
    message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SharedSemaphore.at(test.memory().privateWord(128), 1))
            .getMessage();
    assertTrue(message.contains("found a process-shared semaphore"), message);
    assertTrue(message.contains("expected a semaphore for the threads of one JVM"), message);
  }

  private void assertRefused(String why, long offset) {
    for (boolean adopt : List.of(false, true)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    if (adopt) {
                      SharedSemaphore.adopt(test.memory(), offset);
                    } else {
                      SharedSemaphore.at(test.memory(), offset, 1);
                    }
                  })
              .getMessage();
      assertTrue(message.contains(why), message);
    }
  }

  @Test
  void zerosAreNotAdopted() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> SharedSemaphore.adopt(test.memory(), 0))
            .getMessage();
    assertTrue(message.contains("found no semaphore, or a process-private one"), message);
  }

  @Test
  void readOnlyMemoryIsRefused() throws IOException {
    SharedSemaphore.at(test.memory(), 0, 1);
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertThrows(ReadOnlyMemoryException.class, () -> SharedSemaphore.at(readOnly, 0, 1));
      assertThrows(ReadOnlyMemoryException.class, () -> SharedSemaphore.adopt(readOnly, 0));
    }
  }

  /** Words that a stranger wrote: an exception at once, and the word stays as it is. */
  @Test
  void hostileValuesAreRefused() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), 0, 1);
    for (int value : List.of(Integer.MIN_VALUE, -1)) {
      test.memory().word(0).setVolatile(value);
      for (Executable use :
          List.<Executable>of(
              semaphore::acquire,
              semaphore::acquireUninterruptibly,
              semaphore::tryAcquire,
              semaphore::release,
              semaphore::drainPermits,
              semaphore::availablePermits)) {
        String message = assertThrows(IllegalStateException.class, use).getMessage();
        assertTrue(message.contains(Integer.toUnsignedString(value)), message);
        assertEquals(value, test.memory().word(0).getVolatile());
      }
      assertTrue(semaphore.toString().contains(Integer.toUnsignedString(value)));
    }
    test.memory().word(0).setVolatile(0);
    test.memory().word(4).setVolatile(-1);
    Actor<Boolean> waiting =
        Actor.start(
                () -> {
                  semaphore.acquire();
                  return true;
                })
            .awaitBlocked(FUTEXES);
    semaphore.release();
    assertTrue(waiting.result());
  }

  @Test
  void tooManyPermitsAreRefusedAndNoneIsGiven() {
    SharedSemaphore semaphore =
        SharedSemaphore.at(test.memory(), 0, SharedSemaphore.PERMITS_MAX - 1);
    String message =
        assertThrows(IllegalStateException.class, () -> semaphore.release(2)).getMessage();
    assertTrue(message.contains("cannot release 2 permits"), message);
    assertTrue(message.contains("2147483646 permits, 0 waiting"), message);
    semaphore.release();
    assertThrows(IllegalStateException.class, semaphore::release);
    assertThrows(IllegalStateException.class, () -> semaphore.release(SharedSemaphore.PERMITS_MAX));
    assertBytes(SharedSemaphore.PERMITS_MAX, 0);
  }

  @Test
  void waitingForSeveralIsRefused() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), 0, 5);
    for (Executable use :
        List.<Executable>of(
            () -> semaphore.acquire(2),
            () -> semaphore.acquireUninterruptibly(2),
            () -> semaphore.tryAcquire(2, 1, TimeUnit.HOURS))) {
      String message = assertThrows(UnsupportedOperationException.class, use).getMessage();
      assertTrue(message.contains("it would take the wake-ups"), message);
    }
    assertTrue(semaphore.tryAcquire(5), "which does not wait");
  }

  @Test
  void closedMemoryEndsTheWaitAndLeavesNoWaiter() {
    SharedSemaphore semaphore = SharedSemaphore.at(test.memory(), 0, 0);
    Actor<Boolean> waiting = Actor.start(() -> semaphore.tryAcquire(1, TimeUnit.HOURS));
    waiting.awaitBlocked(FUTEXES);
    try (MappedMemory other = test.mapAgain()) {
      SharedSemaphore same = SharedSemaphore.adopt(other, 0);
      assertEquals(1, same.getQueueLength());
      test.memory().close();
      assertInstanceOf(ClosedMemoryException.class, waiting.failure());
      assertFalse(same.hasQueuedThreads());
    }
    assertThrows(ClosedMemoryException.class, semaphore::release);
    assertThrows(ClosedMemoryException.class, semaphore::acquireUninterruptibly);
    assertTrue(semaphore.toString().endsWith(": closed"));
  }
}
