// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jfutex.agrona.BlockingRingBuffer;
import org.jfutex.agrona.RingConsumer;
import org.jfutex.agrona.RingProducer;
import org.jfutex.memory.MappedMemory;

/**
 * A ring buffer of Agrona's in the shared file: as it is, or as a {@link BlockingRingBuffer}.
 *
 * @param ring where both ends are
 * @param blocking null for one as it is
 */
record MessageQueue(RingBuffer ring, BlockingRingBuffer blocking) {
  /** Of both kinds, in bytes. */
  static final int CAPACITY = 64 * 1024;

  private static final String BARE = "bare-";
  private static final String ONE_TO_ONE = "one-to-one";
  private static final String MANY_TO_ONE = "many-to-one";

  /** One thread's end of it; never blocks. */
  interface Producer {
    boolean offer(int type, DirectBuffer source, int index, int length);
  }

  /** The other end; never blocks. */
  interface Consumer {
    int poll(MessageHandler handler, int limit);
  }

  /**
   * @param kind one-to-one or many-to-one, after "bare-" as it is
   */
  static MessageQueue at(MappedMemory memory, int offset, String kind) {
    return switch (kind) {
      case ONE_TO_ONE -> of(BlockingRingBuffer.oneToOne(memory, offset, CAPACITY));
      case MANY_TO_ONE -> of(BlockingRingBuffer.manyToOne(memory, offset, CAPACITY));
      case BARE + ONE_TO_ONE -> of(new OneToOneRingBuffer(bytes(memory, offset)));
      case BARE + MANY_TO_ONE -> of(new ManyToOneRingBuffer(bytes(memory, offset)));
      default -> throw new IllegalArgumentException("no such kind of queue: " + kind);
    };
  }

  private static MessageQueue of(BlockingRingBuffer queue) {
    return new MessageQueue(queue.ringBuffer(), queue);
  }

  private static MessageQueue of(RingBuffer ring) {
    return new MessageQueue(ring, null);
  }

  private static UnsafeBuffer bytes(MappedMemory memory, int offset) {
    return new UnsafeBuffer(
        memory.buffer(), offset, CAPACITY + RingBufferDescriptor.TRAILER_LENGTH);
  }

  Producer producer() {
    if (blocking == null) {
      return ring::write;
    }
    RingProducer producer = blocking.producer();
    return producer::offer;
  }

  Consumer consumer() {
    if (blocking == null) {
      return ring::read;
    }
    RingConsumer consumer = blocking.consumer();
    return consumer::poll;
  }
}
