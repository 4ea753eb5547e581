// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import net.openhft.chronicle.threads.Pauser;
import org.jfutex.futex.FutexManager;
import org.jfutex.support.Actor;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.Doorbell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapters")
class FutexPauserTest {
  private final TestMemory test = new TestMemory();
  private final Doorbell doorbell = Doorbell.at(test.memory(), 0);
  private final FutexPauser pauser = new FutexPauser(doorbell);
  private final FutexManager futexes = FutexManager.system();

  @AfterEach
  void close() {
    test.close();
  }

  private boolean someoneIsAnnounced() {
    return !doorbell.toString().contains("nobody sleeps");
  }

  private static int pausesUntilAnnounced(FutexPauserTest test) {
    int pauses = 0;
    while (!test.someoneIsAnnounced()) {
      test.pauser.pause();
      pauses++;
    }
    return pauses;
  }

  @Test
  void itSpinsThenAnnouncesItselfAndSleepsOnlyAfterThat() {
    int pauses = pausesUntilAnnounced(this);
    assertTrue(pauses > 10 && pauses < 10_000, "" + pauses);
    assertEquals(0, pauser.countPaused());
    pauser.reset();
    assertTrue(!someoneIsAnnounced());
    assertEquals(pauses, pausesUntilAnnounced(this));
    pauser.reset();
  }

  @Test
  void aRingAfterTheAnnouncementIsNotLost() {
    pausesUntilAnnounced(this);
    doorbell.ring();
    pauser.pause();
    assertEquals(1, pauser.countPaused());
    assertTrue(pauser.timePaused() < 400, "" + pauser.timePaused());
  }

  @Test
  void aRingEndsTheSleepAndWorkIsFound() {
    AtomicInteger work = new AtomicInteger();
    Actor<Integer> worker =
        Actor.start(
                () -> {
                  int done = 0;
                  while (done < 100) {
                    if (work.get() > 0) {
                      work.decrementAndGet();
                      done++;
                      pauser.reset();
                    } else {
                      pauser.pause();
                    }
                  }
                  return done;
                })
            .awaitBlocked(futexes);
    for (int i = 0; i < 100; i++) {
      work.incrementAndGet();
      doorbell.ring();
    }
    assertEquals(100, worker.result());
    assertTrue(pauser.countPaused() > 0);
    assertTrue(!someoneIsAnnounced());
  }

  @Test
  void unpauseEndsASleep() {
    AtomicInteger stop = new AtomicInteger();
    Actor<Boolean> worker =
        Actor.start(
                () -> {
                  while (stop.get() == 0) {
                    pauser.pause();
                  }
                  return true;
                })
            .awaitBlocked(futexes);
    stop.set(1);
    ((Pauser) pauser).unpause();
    assertTrue(worker.result());
  }

  @Test
  void anInterruptEndsASleepAndStaysSet() {
    Actor<Boolean> worker =
        Actor.start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    pauser.pause();
                  }
                  return Thread.interrupted();
                })
            .awaitBlocked(futexes);
    worker.thread().interrupt();
    assertTrue(worker.result());
  }

  @Test
  void theTimeoutCountsFromTheFirstPauseAfterWork() throws TimeoutException {
    for (int round = 0; round < 2; round++) {
      long began = System.nanoTime();
      assertThrows(
          TimeoutException.class,
          () -> {
            while (true) {
              pauser.pause(20, TimeUnit.MILLISECONDS);
            }
          });
      assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(20));
      assertTrue(!someoneIsAnnounced(), "nobody rings for who gave up");
      assertThrows(TimeoutException.class, () -> pauser.pause(20, TimeUnit.MILLISECONDS));
      pauser.reset();
      pauser.pause(1, TimeUnit.DAYS);
      pauser.reset();
    }
  }

  @Test
  void itSleepsNoLongerThanItMay() {
    FutexPauser timed = new FutexPauser(doorbell, 1, TimeUnit.MILLISECONDS);
    while (timed.countPaused() < 20) {
      timed.pause();
    }
    assertTrue(timed.timePaused() >= 20, "" + timed.timePaused());
    timed.reset();
    assertThrows(
        IllegalArgumentException.class, () -> new FutexPauser(doorbell, 0, TimeUnit.SECONDS));
  }
}
