// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.agrona.concurrent.ringbuffer.RecordDescriptor.ALIGNMENT;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.lengthOffset;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.typeOffset;
import static org.agrona.concurrent.ringbuffer.RingBuffer.PADDING_MSG_TYPE_ID;

import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The bytes of Agrona's ring buffers, by position: how many bytes went through before. A record begins at a multiple of
 * 8 with its length, which is negative while it is being written, and 0 where it is not known yet.
 *
 * <p>What producers use for each message are counters: less code than the buffer's own methods, see {@link Counters}.
 */
class RingBytes { // a test's own one stops at each step
  static final int LENGTH_AND_TYPE = RecordDescriptor.HEADER_LENGTH;

  final UnsafeBuffer buffer;
  private final int capacity;
  private final AtomicCounter head;
  private final AtomicCounter headCache;
  private final AtomicCounter tail;

  RingBytes(UnsafeBuffer buffer, int capacity) {
    this.buffer = buffer;
    this.capacity = capacity;
    head = Counters.at(buffer, capacity + RingBufferDescriptor.HEAD_POSITION_OFFSET);
    headCache = Counters.at(buffer, capacity + RingBufferDescriptor.HEAD_CACHE_POSITION_OFFSET);
    tail = Counters.at(buffer, capacity + RingBufferDescriptor.TAIL_POSITION_OFFSET);
  }

  /** Up to where records were read. */
  long head() {
    return head.get();
  }

  /** Gives the bytes before back to the producers, after everything that this thread did before. */
  void setHead(long position) {
    head.setRelease(position);
  }

  /** Up to where records were claimed; always the end of a claim. */
  long tail() {
    return tail.get();
  }

  /** By the only one who does. */
  void setTail(long position) {
    tail.setRelease(position);
  }

  /** False if somebody else moved it. */
  boolean moveTail(long from, long to) {
    return tail.compareAndSet(from, to);
  }

  /**
   * Whether the bytes up to a position may be written. Producers note a head that one of them saw, so that they rarely
   * take the reader's cache line from it.
   */
  boolean isFree(long end) {
    long least = end - capacity; // where the head has to be
    if (headCache.get() - least >= 0) {
      return true;
    }
    long now = head();
    if (now - least < 0) {
      return false;
    }
    headCache.setRelease(now);
    return true;
  }

  /** Where a record of a size goes, of which the tail is here: to the beginning of the buffer if it would wrap. */
  long place(long tail, int size) {
    int toEnd = toEnd(tail);
    return size <= toEnd ? tail : tail + toEnd;
  }

  /** Has a reader that comes to a position stop there. */
  void stop(long position) {
    buffer.putLong(index(position), 0);
  }

  int index(long position) {
    return (int) position & capacity - 1;
  }

  /** From a position to the end of the buffer. */
  int toEnd(long position) {
    return capacity - index(position);
  }

  int length(long position) {
    return buffer.getIntVolatile(lengthOffset(index(position)));
  }

  int type(long position) {
    return buffer.getInt(typeOffset(index(position)));
  }

  /** The record that follows one of a length. */
  static long after(long position, int length) {
    return position + (length + ALIGNMENT - 1 & -ALIGNMENT);
  }

  /** Where zeros end: at the next record, the end of the buffer, or a limit. */
  long afterZeros(long position, long limit) {
    long end = Math.min(limit, position + toEnd(position));
    long at = position;
    while (at < end && length(at) == 0) {
      at += ALIGNMENT;
    }
    return at;
  }

  /** Makes bytes that nobody writes any more a record that is skipped. */
  void pad(long position, int length) {
    buffer.putInt(typeOffset(index(position)), PADDING_MSG_TYPE_ID);
    buffer.putIntRelease(lengthOffset(index(position)), length);
  }

  /** Zeros from one position to another, without a wrap in between. */
  void zero(long from, long to) {
    buffer.setMemory(index(from), (int) (to - from), (byte) 0);
  }
}
