// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.jfutex.agrona.RingProducer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;

/**
 * What a message costs its producer while the consumer, another process, is awake: bursts that fit into the buffer and,
 * off the clock, pauses until the consumer has it all. During a slice the consumer looks for its turn without a rest;
 * between slices it sleeps, for then the other side of the comparison has its turn.
 *
 * <p>It reads a burst when all of it is there. One that reads along is at the producer's heels or is not, for whole
 * launches; both write to one cache line if it is, and a message costs 40 ns instead of 15, whatever the producer does.
 *
 * <p>Both sides of the comparison write to one ring buffer, in turns, and both consumers read it as Agrona does: where
 * it lies in the caches is the same for both, and what is left is what a producer does.
 *
 * <pre>
 *   offset  turn   u32  whether the side's consumer sleeps, looks here, polls, or ends
 *      512  queue       of both sides
 * </pre>
 */
final class OfferTask implements Task {
  private static final int QUEUE = 512;

  private static final int SLEEP = 0;
  private static final int LOOK = 1;
  private static final int POLL = 2;
  private static final int END = 3;

  private static final int MESSAGE_BYTES = 32;
  private static final int TYPE = 1;

  /** With their headers less than the buffer holds. */
  private static final int BURST = 1_000;

  private static final int WARM_UP_SLICES = 5;
  private static final long WARM_UP_MILLIS = 200;

  private static final FutexManager FUTEXES = FutexManager.system();

  private final FutexWord turn;
  private final RingBuffer ring;
  private final RingProducer producer; // null for a ring buffer as it is
  private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE_BYTES]);

  static void declare(Tasks tasks) {
    tasks.task("offer-ping FILE OFFSET KIND", arguments -> new OfferTask(arguments, true));
    tasks.task("write-ping FILE OFFSET KIND", arguments -> new OfferTask(arguments, false));
    tasks.pong("offer-pong FILE OFFSET KIND", arguments -> () -> consume(arguments));
    tasks.pong("write-pong FILE OFFSET KIND", arguments -> () -> consume(arguments));
  }

  /**
   * The producer.
   *
   * @param offers or writes to the ring buffer as it is
   */
  private OfferTask(Arguments arguments, boolean offers) throws IOException {
    turn = turn(arguments);
    MessageQueue queue = queue(arguments);
    ring = queue.ring();
    producer = offers ? queue.blocking().producer() : null;
    for (int i = 0; i < WARM_UP_SLICES; i++) {
      slice(WarmUp.of(WARM_UP_MILLIS));
    }
  }

  private static FutexWord turn(Arguments arguments) throws IOException {
    return arguments.memory().word(arguments.offset());
  }

  private static MessageQueue queue(Arguments arguments) throws IOException {
    return MessageQueue.at(arguments.memory(), QUEUE, arguments.text("KIND"));
  }

  @Override
  public Slice slice(long millis) {
    give(LOOK);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long nanos = 0;
    int bursts = 0;
    do {
      long start = System.nanoTime();
      burst();
      nanos += System.nanoTime() - start;
      bursts++;
      turn.setVolatile(POLL);
      while (ring.consumerPosition() != ring.producerPosition()) {
        Thread.onSpinWait();
      }
      turn.setVolatile(LOOK);
    } while (System.nanoTime() - end < 0);
    give(SLEEP);
    return new Slice((double) nanos / bursts / BURST, 0);
  }

  /** Each kind has a loop and a call of its own, as a program has: an interface between them costs nanoseconds, too. */
  private void burst() {
    int written = producer == null ? writeBurst() : offerBurst();
    if (written != BURST) {
      throw new IllegalStateException("found no room for message " + written + " of a burst");
    }
  }

  private int writeBurst() {
    int written = 0;
    while (written < BURST && ring.write(TYPE, message, 0, MESSAGE_BYTES)) {
      written++;
    }
    return written;
  }

  private int offerBurst() {
    int written = 0;
    while (written < BURST && producer.offer(TYPE, message, 0, MESSAGE_BYTES)) {
      written++;
    }
    return written;
  }

  /** Ends the consumer. */
  @Override
  public void close() {
    give(END);
  }

  private void give(int now) {
    turn.setVolatile(now);
    FUTEXES.wake(turn, FutexManager.ALL);
  }

  /** The consumer; returns when the producer is closed. */
  private static void consume(Arguments arguments) throws IOException {
    FutexWord turn = turn(arguments);
    RingBuffer ring = queue(arguments).ring();
    while (turn.getVolatile() != END) {
      FUTEXES.wait(turn, SLEEP);
      poll(turn, ring);
    }
  }

  /** A method that never returns would stay as the JIT compiled it first. */
  private static void poll(FutexWord turn, RingBuffer ring) {
    int now;
    while ((now = turn.getVolatile()) == LOOK || now == POLL) {
      if (now == LOOK || ring.read((type, buffer, index, length) -> {}, BURST) == 0) {
        Thread.onSpinWait();
      }
    }
  }
}
