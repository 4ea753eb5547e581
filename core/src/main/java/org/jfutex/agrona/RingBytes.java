// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.agrona.concurrent.ringbuffer.RecordDescriptor.ALIGNMENT;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.lengthOffset;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.typeOffset;
import static org.agrona.concurrent.ringbuffer.RingBuffer.PADDING_MSG_TYPE_ID;

import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The bytes of Agrona's ring buffers, by position: how many bytes went through before. A record begins at a multiple of
 * 8 with its length, which is negative while it is being written, and 0 where it is not known yet.
 */
final class RingBytes {
  static final int LENGTH_AND_TYPE = RecordDescriptor.HEADER_LENGTH;

  final AtomicBuffer buffer;
  private final int capacity;
  private final int headIndex;
  private final int tailIndex;

  RingBytes(AtomicBuffer buffer, int capacity) {
    this.buffer = buffer;
    this.capacity = capacity;
    headIndex = capacity + RingBufferDescriptor.HEAD_POSITION_OFFSET;
    tailIndex = capacity + RingBufferDescriptor.TAIL_POSITION_OFFSET;
  }

  /** Up to where records were read. */
  long head() {
    return buffer.getLongVolatile(headIndex);
  }

  /** Gives the bytes before back to the producers, after everything that this thread did before. */
  void setHead(long position) {
    buffer.putLongRelease(headIndex, position);
  }

  /** Up to where records were claimed; always the end of a claim. */
  long tail() {
    return buffer.getLongVolatile(tailIndex);
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
