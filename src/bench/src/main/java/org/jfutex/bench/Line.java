// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

/**
 * One line of the report: a figure of ours beside a peer's. Lower is better, in the values and in the ratio.
 *
 * @param name of what is done, such as {@code empty-wake}
 * @param unit of both values: {@code ns/op} or {@code B/op}
 * @param subject who does it on our side
 * @param subjectValue the median over all slices; of an allocation, that of the worst launch
 * @param peer who does the same on the other side
 * @param peerValue the median over all slices
 * @param ratio the median of the ratios of neighbouring slices, subject / peer, which is not quite the ratio of the two
 *     medians; null where the peer's value is 0 by definition
 * @param spread in what the ratio varied; null without a ratio
 * @param sleepers how many of the wakes really woke somebody
 */
record Line(
    String name,
    String unit,
    String subject,
    double subjectValue,
    String peer,
    double peerValue,
    Double ratio,
    Spread spread,
    Sleepers sleepers) {

  /**
   * The middle half of the ratios.
   *
   * @param low a quarter of them are below
   * @param high a quarter of them are above
   */
  record Spread(double low, double high) {}

  /**
   * The share of wakes that found a sleeper. A round trip whose partner did not sleep yet is a cheaper one, so two
   * figures with different shares compare different things.
   *
   * @param subject 0 to 1
   * @param peer 0 to 1
   */
  record Sleepers(double subject, double peer) {
    static final Sleepers NONE = new Sleepers(0, 0);
  }
}
