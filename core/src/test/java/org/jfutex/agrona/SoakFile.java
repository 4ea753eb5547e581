// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * What the processes of {@link QueueSoakTest} share.
 *
 * <pre>
 *      0  end           u32  1: producers end
 *    128  producer 0 .. i64  attempted: number of the last message that it began to write
 *                       i64  acknowledged: of the last one of which the write returned
 *                       i64  seen: of the last one that the consumer read
 *   4096  queue
 * </pre>
 */
final class SoakFile implements AutoCloseable {
  /** So small that it is full now and then. */
  private static final int CAPACITY = 32 * 1024;

  private static final int LINES = 128;
  private static final int QUEUE = 4096;
  private static final int ATTEMPTED = 0;
  private static final int ACKNOWLEDGED = ATTEMPTED + Long.BYTES;
  private static final int SEEN = ACKNOWLEDGED + Long.BYTES;

  private static final int MESSAGES = 128; // the doorbell in the queue
  private static final int SLEEPERS = 3;

  private final MappedMemory memory;
  private final FutexWord end;
  private final UnsafeBuffer numbers;
  private final BlockingRingBuffer queue;
  private final RingBytes bytes;
  private final FutexWord doorbell;

  SoakFile(Path path) {
    try {
      memory = MappedMemory.openOrCreate(path, QUEUE + BlockingRingBuffer.bytes(CAPACITY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    end = memory.word(0);
    numbers = new UnsafeBuffer(memory.buffer(), 0, QUEUE);
    queue = BlockingRingBuffer.manyToOne(memory, QUEUE, CAPACITY);
    bytes = new RingBytes(BlockingRingBuffer.bufferOf(memory, QUEUE, CAPACITY), CAPACITY);
    doorbell = memory.word(QUEUE + MESSAGES);
  }

  BlockingRingBuffer queue() {
    return queue;
  }

  void end() {
    end.setVolatile(1);
  }

  boolean isEnd() {
    return end.getVolatile() != 0;
  }

  private static int place(int producer, int field) {
    return (1 + producer) * LINES + field;
  }

  long attempted(int producer) {
    return numbers.getLongVolatile(place(producer, ATTEMPTED));
  }

  void setAttempted(int producer, long number) {
    numbers.putLongRelease(place(producer, ATTEMPTED), number);
  }

  long acknowledged(int producer) {
    return numbers.getLongVolatile(place(producer, ACKNOWLEDGED));
  }

  void setAcknowledged(int producer, long number) {
    numbers.putLongRelease(place(producer, ACKNOWLEDGED), number);
  }

  long seen(int producer) {
    return numbers.getLongVolatile(place(producer, SEEN));
  }

  void setSeen(int producer, long number) {
    numbers.putLongRelease(place(producer, SEEN), number);
  }

  /** Up to where the consumer has read. */
  long head() {
    return bytes.head();
  }

  /** Whether all that was written has been read. */
  boolean isEmpty() {
    return bytes.head() == bytes.tail();
  }

  /** Whether there is a message that the consumer could read now, and it is said to sleep. */
  boolean isAsleepBeforeAMessage() {
    return bytes.length(bytes.head()) > 0 && (doorbell.getVolatile() & SLEEPERS) != 0;
  }

  /** How often it was woken, modulo 2^30. */
  int rings() {
    return doorbell.getVolatile() >>> 2;
  }

  @Override
  public void close() {
    memory.close();
  }
}
