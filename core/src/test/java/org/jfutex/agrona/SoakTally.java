// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

/**
 * Decides whether a message may come now. Of a producer that is killed between the beginning of a write and its return,
 * nobody knows whether it wrote: its successor goes on with the next number, and the one in doubt may be missing. Each
 * message says up to where its producer knew its own to be acknowledged; none of those may be missing.
 */
final class SoakTally {
  private final long[] seen;

  SoakTally(int producers) {
    seen = new long[producers];
  }

  /**
   * A message has come.
   *
   * @throws IllegalStateException if it came before, or if one is missing that was acknowledged
   */
  void add(int producer, long number, long acknowledged) {
    if (number <= seen[producer]) {
      throw new IllegalStateException(
          "found message " + number + " of producer " + producer + " after " + seen[producer]);
    }
    if (seen[producer] < acknowledged) {
      throw new IllegalStateException(
          "found message "
              + number
              + " of producer "
              + producer
              + " after "
              + seen[producer]
              + ", expected "
              + acknowledged
              + " before it, which was acknowledged");
    }
    seen[producer] = number;
  }
}
