// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.support.Eventually;

/**
 * Deaths at every step, or at one of so many, of those who write and read: of threads that the kernel ends, all in one
 * process, which has to be ended in the same way.
 */
final class RingDeaths {
  private static final int[] STARTS = {64, 480, 496}; // the middle; exactly the end; over the end
  private static final int STEPS_MAX = 200;

  private final Random random;
  private final int stride;
  private int played;

  private RingDeaths(long seed, int stride) {
    random = new Random(seed);
    this.stride = stride;
  }

  /**
   * @param arguments seed; of how many steps one is tried
   */
  public static void main(String[] arguments) throws Exception {
    try {
      RingDeaths deaths =
          new RingDeaths(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1]));
      for (RingKind kind : RingKind.values()) {
        for (int start : STARTS) {
          deaths.ofProducers(kind, start);
          deaths.ofReaders(kind, start);
          deaths.ofReadersThatSkip(kind, start);
        }
      }
      for (int start : STARTS) {
        deaths.besidePaused(start);
      }
      System.out.println("survived " + deaths.played);
    } catch (Exception | AssertionError e) {
      e.printStackTrace(System.out);
    } finally {
      System.out.flush();
      CrashSyscalls.killProcess();
    }
  }

  /** A play that has a step more each time, until its victim survives. */
  private interface Scene {
    boolean isDead(int step) throws Exception;
  }

  private void sweep(int every, Scene scene) throws Exception {
    for (int step = 1 + random.nextInt(every); scene.isDead(step); step += every) {
      played++;
      if (step > STEPS_MAX) {
        throw new AssertionError("no end");
      }
    }
  }

  /** The victim dies in a write; what was written before and after arrives, and its own if it was acknowledged. */
  private void ofProducers(RingKind kind, int start) throws Exception {
    for (boolean claims : List.of(false, true)) {
      sweep(
          stride,
          step -> {
            RingPlay play = new RingPlay(kind, start);
            boolean dead;
            try (RingConsumer consumer = play.queue.consumer()) {
              dead = producerDies(play, claims, step);
              try (RingProducer other = play.queue.producer()) {
                play.write(other);
                play.write(other);
                play.readAll(consumer);
                play.goRound(other, consumer);
              }
            }
            return dead;
          });
    }
  }

  private static boolean producerDies(RingPlay play, boolean claims, int step) throws Exception {
    return die(
        play,
        step,
        () -> {
          RingProducer producer = play.ofVictim.producer();
          if (claims) {
            play.victimClaims(producer);
          } else {
            play.victimWrites(producer);
          }
        });
  }

  /** The victim dies reading, or while it handles a message; the next reader gets the rest, and that one again. */
  private void ofReaders(RingKind kind, int start) throws Exception {
    sweep(
        stride,
        step -> {
          RingPlay play = new RingPlay(kind, start);
          boolean dead;
          try (RingProducer producer = play.queue.producer()) {
            for (int i = 0; i < 4; i++) {
              play.write(producer);
            }
            boolean[] handling = new boolean[1];
            dead =
                die(
                    play,
                    step,
                    () -> {
                      RingConsumer consumer = play.ofVictim.consumer();
                      while (play.seen.size() < 4) {
                        consumer.poll(
                            (type, buffer, index, length) -> {
                              play.handler.onMessage(type, buffer, index, length);
                              handling[0] = true;
                              play.stepped.step();
                              handling[0] = false;
                            },
                            3);
                      }
                    });
            if (handling[0]) {
              play.seen.remove(play.seen.size() - 1);
            }
            try (RingConsumer consumer = play.queue.consumer()) {
              play.goRound(producer, consumer);
            }
          }
          return dead;
        });
  }

  /** A reader dies while it makes a dead claim one to be skipped. */
  private void ofReadersThatSkip(RingKind kind, int start) throws Exception {
    sweep(
        stride,
        first -> {
          boolean[] dead = new boolean[1];
          sweep(
              2 * stride,
              step -> {
                RingPlay play = new RingPlay(kind, start);
                dead[0] = producerDies(play, false, first);
                boolean readerDead =
                    die(
                        play,
                        step,
                        () -> {
                          RingConsumer consumer = play.ofVictim.consumer();
                          play.readInVain(consumer);
                        });
                if (!readerDead) {
                  return false;
                }
                try (RingProducer producer = play.queue.producer();
                    RingConsumer consumer = play.queue.consumer()) {
                  play.write(producer);
                  play.goRound(producer, consumer);
                }
                return true;
              });
          return dead[0];
        });
  }

  /** One dies in a write and one is paused in one behind it; a third writes. */
  private void besidePaused(int start) throws Exception {
    sweep(
        stride,
        first -> {
          boolean[] dead = new boolean[1];
          sweep(
              stride,
              step -> {
                RingPlay play = new RingPlay(RingKind.MANY_TO_ONE, start);
                try (RingProducer other = play.queue.producer();
                    RingConsumer consumer = play.queue.consumer()) {
                  dead[0] = producerDies(play, false, first);
                  CountDownLatch goOn = new CountDownLatch(1);
                  Thread paused =
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
                              play.victimWrites(producer);
                            }
                          });
                  boolean isPaused = paused.isAlive();
                  play.write(other);
                  play.readInVain(consumer);
                  goOn.countDown();
                  Eventually.until("the paused one's end", () -> !paused.isAlive());
                  play.readAll(consumer);
                  play.goRound(other, consumer);
                  return isPaused;
                }
              });
          return dead[0];
        });
  }

  /**
   * @return whether it died; false if it came to its end with fewer steps
   */
  private static boolean die(RingPlay play, int step, RingPlay.Action action) {
    Thread victim = play.startVictim(step, CrashSyscalls::endThread, action);
    Path task = Path.of("/proc/self/task/" + play.victimTid);
    Eventually.until("the victim gone", () -> !Files.exists(task) || !victim.isAlive());
    return !play.isDone;
  }
}
