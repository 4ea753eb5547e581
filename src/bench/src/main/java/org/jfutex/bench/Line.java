// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;

/**
 * One line of the report: a figure of ours beside a peer's. Lower is better, in the values and in the ratio.
 *
 * @param name of what is done, such as {@code empty-wake}
 * @param unit of both values: {@code ns/op}, {@code B/op} or {@code % CPU}
 * @param subject who does it on our side
 * @param subjectValue the median over all slices; of an allocation, that of the worst launch
 * @param peer who does the same on the other side
 * @param peerValue the median over all slices
 * @param ratio the median of the ratios of neighbouring slices, subject / peer, which is not quite the ratio of the two
 *     medians; null where the peer's value is 0 by definition
 * @param spread in what the ratio varied; null without a ratio
 * @param notes what the figure does not say by itself
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
    List<String> notes) {

  /**
   * The middle half of the ratios.
   *
   * @param low a quarter of them are below
   * @param high a quarter of them are above
   */
  record Spread(double low, double high) {}
}
