// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** The consumer or a producer of {@link QueueSoakTest}. */
final class SoakJvm {
  static final int TYPE = 1;

  /** Ends the consumer. */
  static final int LAST = 2;

  private static final int PRODUCER = 0;
  private static final int NUMBER = 8;
  private static final int ACKNOWLEDGED = 16;
  private static final int BYTES = 24;

  /** Of the clock, which is that of all: odd ones belong to one producer. */
  private static final long PHASE_NANOS = 100_000_000;

  /** Bursts that fill the queue and such that do not, with rests in which the consumer falls asleep, or does not. */
  private static final int BURST_MAX = 6_000;

  private static final int REST_MAX_NANOS = 300_000;

  /** Between messages that come alone: some come upon the consumer's first, short sleep, and some later. */
  private static final int ALONE_MAX_NANOS = 25_000_000;

  private static final long LOOK_NANOS = 100_000;

  private SoakJvm() {}

  /**
   * @param args file, consumer or producer, how many producers or the number of this one
   */
  public static void main(String... args) throws InterruptedException {
    // A test that is killed leaves nobody behind.
    ProcessHandle.current()
        .parent()
        .ifPresent(test -> test.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    try (SoakFile file = new SoakFile(Path.of(args[0]))) {
      int number = Integer.parseInt(args[2]);
      if ("consumer".equals(args[1])) {
        consume(file, number);
      } else {
        produce(file, number);
      }
    }
  }

  private static void consume(SoakFile file, int producers) throws InterruptedException {
    SoakTally tally = new SoakTally(producers);
    boolean[] last = {false};
    try (RingConsumer consumer = file.queue().consumer()) {
      while (!last[0]) {
        consumer.read(
            (type, buffer, index, length) -> {
              if (type == LAST) {
                last[0] = true;
                return;
              }
              int producer = buffer.getInt(index + PRODUCER);
              long number = buffer.getLong(index + NUMBER);
              tally.add(producer, number, buffer.getLong(index + ACKNOWLEDGED));
              file.setSeen(producer, number);
            },
            Integer.MAX_VALUE);
      }
    }
  }

  private static void produce(SoakFile file, int self) throws InterruptedException {
    UnsafeBuffer message = new UnsafeBuffer(new byte[BYTES]);
    message.putInt(PRODUCER, self);
    Random random = new Random();
    try (RingProducer producer = file.queue().producer()) {
      for (long phase = -1; !file.isEnd(); ) {
        if (phase() != phase) {
          phase = phase();
          awaitSeen(file);
        }
        if (phase % 2 == 0) {
          burst(file, self, producer, message, random.nextInt(BURST_MAX));
          LockSupport.parkNanos(random.nextInt(REST_MAX_NANOS));
        } else if (phase / 2 % SoakTroupe.PRODUCERS == self) {
          burst(file, self, producer, message, 1);
          awaitSeen(file);
          LockSupport.parkNanos(random.nextInt(ALONE_MAX_NANOS));
        } else {
          LockSupport.parkNanos(LOOK_NANOS);
        }
      }
    }
  }

  private static long phase() {
    return System.nanoTime() / PHASE_NANOS;
  }

  /**
   * Until the consumer has read what was acknowledged at this moment, of all producers. A ring that was lost stays
   * lost so: no other one wakes the consumer before it is noticed.
   */
  private static void awaitSeen(SoakFile file) {
    for (int i = 0; i < SoakTroupe.PRODUCERS; i++) {
      long acknowledged = file.acknowledged(i);
      while (file.seen(i) < acknowledged) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private static void burst(
      SoakFile file, int self, RingProducer producer, UnsafeBuffer message, int count)
      throws InterruptedException {
    long acknowledged = file.acknowledged(self);
    long number = file.attempted(self);
    for (int i = 0; i < count; i++) {
      number++;
      message.putLong(NUMBER, number);
      message.putLong(ACKNOWLEDGED, acknowledged);
      file.setAttempted(self, number);
      producer.write(TYPE, message, 0, BYTES);
      acknowledged = number;
      file.setAcknowledged(self, acknowledged);
    }
  }
}
