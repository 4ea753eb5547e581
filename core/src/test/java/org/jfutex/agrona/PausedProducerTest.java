// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.jfutex.support.Eventually;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A producer that is stopped at any step of a write, and goes on later, finds its claim as it left it. */
@Tag("adapters")
class PausedProducerTest {
  /**
   * @param start where in a buffer of 512 bytes the record of 32 is to go: the middle; exactly the end; over the end
   */
  @ParameterizedTest
  @CsvSource({
    "ONE_TO_ONE, 64", "ONE_TO_ONE, 480", "ONE_TO_ONE, 496",
    "MANY_TO_ONE, 64", "MANY_TO_ONE, 480", "MANY_TO_ONE, 496",
  })
  void itsMessageArrivesWhenItGoesOn(RingKind kind, int start) throws InterruptedException {
    for (boolean claims : new boolean[] {false, true}) {
      int step = 1;
      while (isStopped(kind, start, claims, step)) {
        step++;
      }
      assertTrue(step > 8, () -> "too few steps to be all");
    }
  }

  private static boolean isStopped(RingKind kind, int start, boolean claims, int step)
      throws InterruptedException {
    RingPlay play = new RingPlay(kind, start);
    CountDownLatch goOn = new CountDownLatch(1);
    try (RingConsumer consumer = play.queue.consumer()) {
      Thread victim =
          play.startVictim(
              step,
              () -> {
                try {
                  goOn.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              },
              () -> {
                try (RingProducer producer = play.ofVictim.producer()) {
                  if (claims) {
                    play.victimClaims(producer);
                  } else {
                    play.victimWrites(producer);
                  }
                }
              });
      boolean stopped = victim.isAlive();
      if (kind == RingKind.MANY_TO_ONE) {
        try (RingProducer other = play.queue.producer()) {
          play.write(other);
          play.write(other);
          play.readInVain(consumer);
          goOn.countDown();
          Eventually.until("the victim's end", () -> !victim.isAlive());
          play.readAll(consumer);
          play.goRound(other, consumer);
        }
      } else {
        play.readInVain(consumer);
        goOn.countDown();
        Eventually.until("the victim's end", () -> !victim.isAlive());
        try (RingProducer other = play.queue.producer()) {
          play.goRound(other, consumer);
        }
      }
      assertTrue(play.isDone, play::toString);
      return stopped;
    }
  }
}
