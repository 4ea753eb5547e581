// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;

/**
 * Writes as one of the producers of a {@link ManyToOneRingBuffer} does: a compare-and-set moves the tail, over bytes
 * that the reader zeroed.
 *
 * <p>The progress in its seat is odd from before bytes are claimed until after they were committed, for the {@link
 * Census}. The claim is a compare-and-set, so who sees the claim sees that; and who sees the progress even again sees
 * what was committed.
 */
final class ManyToOneWriter extends RingWriter {
  private final Seat seat;
  private long writes; // the progress between two writes, even

  ManyToOneWriter(RingBytes bytes, int lengthMax, DeadClaims deadClaims, Seat seat) {
    super(bytes, lengthMax, deadClaims);
    this.seat = seat;
    writes = seat.progress();
    if (Census.isWriting(writes)) {
      writes--; // the last one here died in it
      end();
    }
  }

  @Override
  void begin() {
    seat.setProgressPlain(writes + 1);
  }

  @Override
  void end() {
    writes += 2;
    seat.setProgress(writes);
  }

  @Override
  int claim(int size) {
    long tail;
    long record;
    do {
      tail = bytes.tail();
      record = bytes.place(tail, size);
      if (!bytes.isFree(record + size)) {
        return NOTHING;
      }
    } while (!bytes.moveTail(tail, record + size));
    if (record != tail) {
      bytes.pad(tail, (int) (record - tail));
    }
    return bytes.index(record);
  }
}
