// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

/**
 * Tells when all who were in the middle of a write at one moment are in it no longer, since they finished it or died. A
 * paused one is waited for, however long it takes.
 *
 * <p>A producer's progress is odd from before it claims bytes until after it committed them, or gave up. So a claim
 * that the calling thread saw before {@link #begin}, and that belongs to a living producer, is odd then; and when that
 * producer is seen with another progress, the claim was committed. What is not committed when the census is over is a
 * dead one's.
 */
final class Census {
  private static final long NOT_WRITING = 0; // even

  private final Seat[] producers;
  private final long[] writes; // what they were in

  Census(Seat[] producers) {
    this.producers = producers;
    writes = new long[producers.length];
  }

  void begin() {
    for (int i = 0; i < producers.length; i++) {
      // Who comes after this look claims after it.
      writes[i] = producers[i].isTaken() ? producers[i].progress() : NOT_WRITING;
    }
  }

  boolean isOver() {
    for (int i = 0; i < producers.length; i++) {
      if (isWriting(writes[i])) {
        if (producers[i].isTaken() && producers[i].progress() == writes[i]) {
          return false;
        }
        writes[i] = NOT_WRITING;
      }
    }
    return true;
  }

  static boolean isWriting(long progress) {
    return (progress & 1) != 0;
  }
}
