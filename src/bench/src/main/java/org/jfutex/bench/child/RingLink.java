// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.function.LongConsumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.jfutex.agrona.BlockingRingBuffer;
import org.jfutex.agrona.FutexIdleStrategy;
import org.jfutex.agrona.RingConsumer;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/** A ring buffer of Agrona's with one producer: read by one who blocks, or by one who polls and idles by a strategy. */
final class RingLink {
  private static final int RING = 128;
  private static final int LIMIT = 100;
  private static final int TYPE = 1;

  private RingLink() {}

  /**
   * @param wait {@code read} for a {@link BlockingRingBuffer}; otherwise how the consumer of a bare one idles
   */
  static Link of(String wait, MappedMemory memory, int offset) {
    if ("read".equals(wait)) {
      return blocking(MessageQueue.at(memory, offset + RING, "one-to-one"));
    }
    RingBuffer ring = MessageQueue.at(memory, offset + RING, "bare-one-to-one").ring();
    if ("futex".equals(wait)) {
      Doorbell doorbell = Doorbell.at(memory, offset);
      return polled(ring, new FutexIdleStrategy(doorbell), doorbell::ring);
    }
    return polled(ring, strategy(wait), () -> {});
  }

  /** As Agrona makes them when it is not told otherwise. */
  private static IdleStrategy strategy(String wait) {
    return switch (wait) {
      case "spin" -> new BusySpinIdleStrategy();
      case "yield" -> new YieldingIdleStrategy();
      case "backoff" -> new BackoffIdleStrategy();
      case "sleep" -> new SleepingIdleStrategy();
      case "sleep-1ms" -> new SleepingMillisIdleStrategy();
      default -> throw new IllegalArgumentException("no such idle strategy: " + wait);
    };
  }

  private static Link blocking(MessageQueue queue) {
    return new Link() {
      @Override
      public Sender sender() {
        return RingLink.sender(queue.producer(), () -> {});
      }

      @Override
      public Receiver receiver(LongConsumer sink) {
        RingConsumer consumer = queue.blocking().consumer();
        MessageHandler handler = handler(sink);
        return () -> consumer.read(handler, LIMIT);
      }
    };
  }

  private static Link polled(RingBuffer ring, IdleStrategy strategy, Runnable published) {
    return new Link() {
      @Override
      public Sender sender() {
        return RingLink.sender(ring::write, published);
      }

      @Override
      public Receiver receiver(LongConsumer sink) {
        MessageHandler handler = handler(sink);
        return () -> strategy.idle(ring.read(handler, LIMIT));
      }
    };
  }

  private static Link.Sender sender(MessageQueue.Producer producer, Runnable published) {
    UnsafeBuffer message = new UnsafeBuffer(new byte[Long.BYTES]);
    return number -> {
      message.putLong(0, number);
      if (!producer.offer(TYPE, message, 0, Long.BYTES)) {
        throw new IllegalStateException("found no room for a message; is the consumer alive?");
      }
      published.run();
    };
  }

  private static MessageHandler handler(LongConsumer sink) {
    return (type, buffer, index, length) -> sink.accept(buffer.getLong(index));
  }
}
