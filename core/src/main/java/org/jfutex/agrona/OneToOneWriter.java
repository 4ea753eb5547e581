// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Writes as the one producer of a {@link OneToOneRingBuffer} does: nobody else moves the tail. Behind it a length of
 * zero stops the reader, who leaves in the buffer what it has read.
 */
final class OneToOneWriter extends RingWriter {
  OneToOneWriter(RingBytes bytes, int lengthMax, DeadClaims deadClaims) {
    super(bytes, lengthMax, deadClaims);
  }

  @Override
  void begin() {
    // Nobody counts it.
  }

  @Override
  void end() {
    // Nobody counts it.
  }

  @Override
  int claim(int size) {
    long tail = bytes.tail();
    long record = bytes.place(tail, size);
    long end = record + size;
    if (!bytes.isFree(end + RingBytes.LENGTH_AND_TYPE)) {
      return NOTHING;
    }
    bytes.stop(end);
    if (record == tail) {
      bytes.setTail(end);
    } else {
      bytes.stop(record);
      bytes.setTail(end);
      bytes.pad(tail, (int) (record - tail));
    }
    return bytes.index(record);
  }
}
