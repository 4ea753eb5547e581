// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

/**
 * What producers left among the claims of others. A claim that is not committed may be a paused producer's as well as a
 * dead one's, and where a dead one's ends is known only if it came to write its length. So the reader notes the tail,
 * and then waits until all who were in the middle of a write are in it no longer: whatever is unfinished before that
 * tail then is a dead one's.
 *
 * <p>Zeros there are claims whose producers died before their first store, for the reader zeroes what it gives back;
 * they end at the next length, at the end of the buffer, or at the noted tail, where a claim ended. Agrona's own {@code
 * unblock()} would take any length that it finds for the end, and so write over a paused producer's claim between; and
 * it finds none where the dead claim is the last one of the buffer, and leaves the reader there for ever.
 */
final class ManyToOneDeadClaims extends DeadClaims {
  private final Census census;
  private long noted; // the tail when the census began
  private long known; // what is unfinished before this is dead

  ManyToOneDeadClaims(RingBytes bytes, Census census) {
    super(bytes);
    this.census = census;
  }

  @Override
  boolean skip(long head) {
    if (head >= known && !isCensusOver(head)) {
      return false;
    }
    int length = bytes.length(head);
    if (length == 0) {
      length = (int) (head - bytes.afterZeros(head, known));
    }
    if (length < 0) {
      bytes.pad(head, -length);
    }
    return true;
  }

  private boolean isCensusOver(long head) {
    if (head >= noted) {
      long tail = bytes.tail();
      if (tail == head) {
        return false;
      }
      noted = tail;
      census.begin();
    }
    if (!census.isOver()) {
      return false;
    }
    known = noted;
    return true;
  }

  @Override
  void repair() {
    // The reader does it.
  }
}
