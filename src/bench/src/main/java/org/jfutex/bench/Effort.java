// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

/**
 * How much time a run takes for its figures.
 *
 * @param launches how often both sides are started anew. Address-space randomisation and the JIT deal every process
 *     another layout of its code; the round trip through JNA on one CPU differs by up to a fifth from one start to the
 *     next, and by 2 % with randomisation switched off. Slices of one launch all share its luck
 * @param discarded slices of each side at the beginning of a launch that do not count: the JIT is still at work
 * @param slices of each side in a launch that count
 * @param sliceMillis long against the scheduler's tick, short against the minutes in which a machine changes
 */
record Effort(int launches, int discarded, int slices, long sliceMillis) {
  static final Effort QUICK = new Effort(1, 1, 2, 10);

  /** Some six seconds a line, for what has to be done in half an hour: more than 200 lines, the slow ones too. */
  static final Effort FULL = new Effort(2, 8, 21, 20);

  /**
   * For several processes that want the same: who gets it when is the scheduler's choice, so a slice has to be long
   * against a time slice of its; and to start them takes so long that it pays to start them less often.
   */
  Effort forContention() {
    return new Effort(
        Math.max(1, launches / 2),
        Math.max(1, discarded / 6),
        Math.max(1, slices / 2),
        7 * sliceMillis);
  }

  /** For what a start deals anew, and more than slices of one start tell: as long in all, but for the starts. */
  Effort forStarts() {
    return new Effort(
        4 * launches, Math.max(1, discarded / 4), Math.max(1, slices / 4), sliceMillis);
  }

  @Override
  public String toString() {
    return "each side started "
        + launches
        + " times, "
        + slices
        + " slices of "
        + sliceMillis
        + " ms after "
        + discarded
        + " to warm up";
  }
}
