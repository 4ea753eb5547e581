// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.agrona.concurrent.ringbuffer.RecordDescriptor.ALIGNMENT;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.lengthOffset;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.typeOffset;
import static org.jfutex.agrona.RingBytes.LENGTH_AND_TYPE;

import java.lang.invoke.VarHandle;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;

/**
 * Writes the records of one producer as Agrona does: claims bytes, which moves the tail; writes the length, negated,
 * then the message and its type; and the length as it is, which commits it.
 *
 * <p>Agrona's own methods are not called, because a doorbell and a census can only be put around them; built in, they
 * cost next to nothing. And room is reckoned in 64 bits: see ADR 0019.
 */
abstract class RingWriter {
  /** Of a full buffer, in place of an index. */
  static final int NOTHING = RingBuffer.INSUFFICIENT_CAPACITY;

  final RingBytes bytes;
  private final UnsafeBuffer buffer;
  private final int lengthMax;
  private final DeadClaims deadClaims;

  /**
   * @param lengthMax of a message, in bytes
   */
  RingWriter(RingBytes bytes, int lengthMax, DeadClaims deadClaims) {
    this.bytes = bytes;
    this.lengthMax = lengthMax;
    this.deadClaims = deadClaims;
    buffer = bytes.buffer;
  }

  /** Before anything is claimed. */
  abstract void begin();

  /** After what was claimed has been committed, or of what nothing is left. */
  abstract void end();

  /**
   * Moves the tail.
   *
   * @param size of the record, a multiple of 8
   * @return its index, or {@link #NOTHING}
   */
  abstract int claim(int size);

  /** False if the buffer is full. */
  @SuppressWarnings("checkstyle:IllegalCatch") // goes on to the caller
  final boolean write(int type, DirectBuffer source, int index, int length) {
    check(type, length);
    source.boundsCheck(index, length); // now, while nothing is claimed
    try {
      begin();
      int record = start(length);
      if (record != NOTHING) {
        buffer.putBytes(record + LENGTH_AND_TYPE, source, index, length);
        buffer.putInt(typeOffset(record), type);
        buffer.putIntRelease(lengthOffset(record), LENGTH_AND_TYPE + length);
      }
      end();
      return record != NOTHING;
    } catch (Throwable e) {
      repair();
      throw e;
    }
  }

  /** The index of a message that is to be written, and then committed or aborted; or {@link #NOTHING}. */
  @SuppressWarnings("checkstyle:IllegalCatch") // goes on to the caller
  final int tryClaim(int type, int length) {
    check(type, length);
    try {
      begin();
      int record = start(length);
      if (record == NOTHING) {
        end();
        return NOTHING;
      }
      buffer.putInt(typeOffset(record), type);
      return record + LENGTH_AND_TYPE;
    } catch (Throwable e) {
      repair();
      throw e;
    }
  }

  final void commit(int index) {
    int record = index - LENGTH_AND_TYPE;
    buffer.putIntRelease(lengthOffset(record), -buffer.getInt(lengthOffset(record)));
    end();
  }

  /** Has the reader skip it. */
  final void abort(int index) {
    buffer.putInt(typeOffset(index - LENGTH_AND_TYPE), RingBuffer.PADDING_MSG_TYPE_ID);
    commit(index);
  }

  private void check(int type, int length) {
    if (type < 1) {
      throw new IllegalArgumentException("message type " + type + ", expected at least 1");
    }
    if (length < 0 || length > lengthMax) {
      throw new IllegalArgumentException(
          "message of "
              + length
              + " bytes, expected 0 to "
              + lengthMax
              + ", an eighth of the capacity");
    }
  }

  /** Claims a record, and writes that it is being written, before anything else of it. */
  private int start(int length) {
    int size = LENGTH_AND_TYPE + length;
    int record = claim(size + ALIGNMENT - 1 & -ALIGNMENT);
    if (record != NOTHING) {
      buffer.putIntRelease(lengthOffset(record), -size);
      VarHandle.releaseFence();
    }
    return record;
  }

  /** Of what throws nothing is left. If this throws, too, a claim is: one that counts as dead, to be skipped. */
  private void repair() {
    try {
      deadClaims.repair();
    } finally {
      end();
    }
  }
}
