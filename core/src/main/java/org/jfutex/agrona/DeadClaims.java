// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

/** What was claimed in a ring buffer and will never be committed: who claimed it died, or its write failed. */
abstract class DeadClaims {
  final RingBytes bytes;

  DeadClaims(RingBytes bytes) {
    this.bytes = bytes;
  }

  /**
   * By the reader: whether the claim where it stands was dead, and can be read over now. The bytes of a producer that
   * is only paused are never touched.
   *
   * @param head where nothing is committed
   */
  abstract boolean skip(long head);

  /** By who has just taken a producer's seat, where the last one died; or by a producer whose own write threw. */
  abstract void repair();
}
