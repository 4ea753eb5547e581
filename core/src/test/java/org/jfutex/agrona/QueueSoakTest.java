// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A queue between processes that are killed or paused at random: nothing is lost, and nobody sleeps too long. */
@Tag("adapters")
class QueueSoakTest {
  private static final long MESSAGES = Long.getLong("jfutex.queue.messages", 500_000);
  private static final int KILLS = Integer.getInteger("jfutex.queue.kills", 5);
  private static final long PAUSING_SECONDS = Long.getLong("jfutex.queue.pausing", 4);

  private static final int BETWEEN_KILLS_MILLIS = 400;
  private static final int PAUSE_MILLIS = 500;

  private final Random random = new Random();
  private SoakTroupe troupe;

  @AfterEach
  void end() {
    if (troupe != null) {
      troupe.close();
    }
  }

  /** The judge, judged. */
  @Test
  void whatIsMissingOrComesTwiceIsFound() {
    SoakTally tally = new SoakTally(2);
    tally.add(0, 1, 0);
    tally.add(0, 2, 1);
    assertThrows(IllegalStateException.class, () -> tally.add(0, 2, 1), "twice");
    assertThrows(IllegalStateException.class, () -> tally.add(0, 4, 3), "3 is missing");
    assertDoesNotThrow(() -> tally.add(0, 5, 2), "3 and 4 were in doubt");
    assertDoesNotThrow(() -> tally.add(1, 1, 0), "another producer");
  }

  /** Producers are killed and replaced. What they were told to be written is read, once. */
  @Test
  void nothingThatWasAcknowledgedIsLostWhoeverIsKilled() throws Exception {
    troupe = new SoakTroupe();
    for (int kills = 0; kills < KILLS || troupe.attempted() < MESSAGES; kills++) {
      rest(BETWEEN_KILLS_MILLIS);
      int victim = random.nextInt(SoakTroupe.PRODUCERS);
      troupe.awaitProgress(victim);
      troupe.killAndReplace(victim);
    }
    troupe.endWell();
  }

  /** Nobody looks again by itself here: a ring that is lost is one that the consumer sleeps for ever for. */
  @Test
  void noRingIsLostWhoeverIsPaused() throws Exception {
    troupe = new SoakTroupe("-Djfutex.healing=0");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PAUSING_SECONDS);
    while (System.nanoTime() < end) {
      troupe.pause(random.nextInt(SoakTroupe.PRODUCERS + 1));
      rest(PAUSE_MILLIS);
      troupe.goOn();
      rest(PAUSE_MILLIS);
    }
    troupe.endWell();
  }

  /** The watchdog looks meanwhile. */
  private void rest(int millisMax) {
    long end = System.nanoTime() + random.nextInt(millisMax) * TimeUnit.MILLISECONDS.toNanos(1);
    do {
      troupe.watch();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    } while (System.nanoTime() < end);
  }
}
