// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

/**
 * What the one producer left: at most one claim, the last, which may reach over the end of the buffer. It is repaired
 * by who has the producer's seat, so nobody writes meanwhile; the reader takes the seat for a moment if it is free.
 *
 * <p>The length at the tail is always zero, so that the reader stops there: a claim zeroes it before it moves the tail.
 * A death in the repair leaves it to be done again.
 */
final class OneToOneDeadClaims extends DeadClaims {
  private final Seat seat;

  OneToOneDeadClaims(RingBytes bytes, Seat seat) {
    super(bytes);
    this.seat = seat;
  }

  @Override
  boolean skip(long head) {
    if (bytes.tail() == head || seat.isTaken() || !seat.tryTake(this::repair)) {
      return false;
    }
    seat.leave();
    return bytes.length(head) > 0;
  }

  @Override
  void repair() {
    long tail = bytes.tail();
    long claim = bytes.head();
    while (claim < tail && bytes.length(claim) > 0) {
      claim = RingBytes.after(claim, bytes.length(claim));
    }
    if (claim < tail) {
      long end = Math.min(tail, claim + bytes.toEnd(claim));
      if (end < tail) {
        bytes.pad(end, (int) (tail - end));
      }
      bytes.pad(claim, (int) (end - claim));
    }
  }
}
