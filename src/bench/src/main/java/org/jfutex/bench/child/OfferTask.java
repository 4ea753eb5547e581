// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;

/**
 * What a message costs its producer while the consumer, another process, is awake: bursts that fit into the buffer and,
 * off the clock, pauses until the consumer has it all. The consumer polls without a rest during a slice; between slices
 * it sleeps, for then the other side of the comparison has its turn.
 *
 * <pre>
 *     0  turn   u32  whether the consumer polls, sleeps, or ends
 *   256  queue
 * </pre>
 */
final class OfferTask implements Task {
  private static final int QUEUE = 256;

  private static final int SLEEP = 0;
  private static final int POLL = 1;
  private static final int END = 2;

  private static final int MESSAGE_BYTES = 32;
  private static final int TYPE = 1;

  /** With their headers less than the buffer holds. */
  private static final int BURST = 1_000;

  private static final int WARM_UP_SLICES = 5;
  private static final long WARM_UP_MILLIS = 200;

  private static final FutexManager FUTEXES = FutexManager.system();

  private final FutexWord turn;
  private final RingBuffer ring;
  private final MessageQueue.Producer producer;
  private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE_BYTES]);

  static void declare(Tasks tasks) {
    tasks.task("offer-ping FILE OFFSET KIND", OfferTask::new);
    tasks.pong("offer-pong FILE OFFSET KIND", arguments -> () -> consume(arguments));
  }

  /** The producer. */
  private OfferTask(Arguments arguments) throws IOException {
    turn = turn(arguments);
    MessageQueue queue = queue(arguments);
    ring = queue.ring();
    producer = queue.producer();
    for (int i = 0; i < WARM_UP_SLICES; i++) {
      slice(WarmUp.of(WARM_UP_MILLIS));
    }
  }

  private static FutexWord turn(Arguments arguments) throws IOException {
    return arguments.memory().word(arguments.offset());
  }

  private static MessageQueue queue(Arguments arguments) throws IOException {
    return MessageQueue.at(arguments.memory(), arguments.offset() + QUEUE, arguments.text("KIND"));
  }

  @Override
  public Slice slice(long millis) {
    give(POLL);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long nanos = 0;
    int bursts = 0;
    do {
      long start = System.nanoTime();
      burst();
      nanos += System.nanoTime() - start;
      bursts++;
      while (ring.consumerPosition() != ring.producerPosition()) {
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - end < 0);
    give(SLEEP);
    return new Slice((double) nanos / bursts / BURST, 0);
  }

  private void burst() {
    for (int i = 0; i < BURST; i++) {
      if (!producer.offer(TYPE, message, 0, MESSAGE_BYTES)) {
        throw new IllegalStateException("found no room for message " + i + " of a burst");
      }
    }
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
    MessageQueue.Consumer consumer = queue(arguments).consumer();
    while (turn.getVolatile() != END) {
      FUTEXES.wait(turn, SLEEP);
      poll(turn, consumer);
    }
  }

  /** A method that never returns would stay as the JIT compiled it first. */
  private static void poll(FutexWord turn, MessageQueue.Consumer consumer) {
    while (turn.getVolatile() == POLL) {
      if (consumer.poll((type, buffer, index, length) -> {}, BURST) == 0) {
        Thread.onSpinWait();
      }
    }
  }
}
