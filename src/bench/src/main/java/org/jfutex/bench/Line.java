// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;

/**
 * One line of the report: a figure of ours beside a peer's. Lower is better, in the values and in the ratio.
 *
 * @param name of what is done, such as {@code empty-wake}
 * @param unit of both values: {@code ns/op}, {@code B/op}, {@code % CPU} or {@code ms}
 * @param subject who does it on our side
 * @param subjectValue the median over all slices; of an allocation, that of the worst launch
 * @param peer who does the same on the other side
 * @param peerValue the median over all slices
 * @param ratio the median of the ratios of neighbouring slices, subject / peer, which is not quite the ratio of the two
 *     medians; null where the peer's value is 0 by definition
 * @param spread in what the ratio varied; null without a ratio
 * @param notes what the figure does not say by itself
 * @param point where it lies on a growth curve; null if on none
 * @param cpu what it burnt; null if nobody looked
 * @param shares who of several processes or threads did how much of it; null of a single one
 * @param latencies how its single operations were spread; null if nobody looked
 * @param cpus that it was measured on; null if nobody looked
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
    List<String> notes,
    Point point,
    Cpu cpu,
    Shares shares,
    Latencies latencies,
    List<Integer> cpus) {

  /** Of what every line has. */
  Line(
      String name,
      String unit,
      String subject,
      double subjectValue,
      String peer,
      double peerValue,
      Double ratio,
      Spread spread,
      List<String> notes) {
    this(
        name,
        unit,
        subject,
        subjectValue,
        peer,
        peerValue,
        ratio,
        spread,
        notes,
        null,
        null,
        null,
        null,
        null);
  }

  Line withPoint(Point where) {
    return with(where, cpu, shares, latencies, cpus);
  }

  Line withCpu(Cpu burnt) {
    return with(point, burnt, shares, latencies, cpus);
  }

  Line withShares(Shares parts) {
    return with(point, cpu, parts, latencies, cpus);
  }

  Line withLatencies(Latencies single) {
    return with(point, cpu, shares, single, cpus);
  }

  Line withCpus(List<Integer> used) {
    return with(point, cpu, shares, latencies, used);
  }

  /** The same figure, with what not every line has. */
  private Line with(Point where, Cpu burnt, Shares parts, Latencies single, List<Integer> used) {
    return new Line(
        name,
        unit,
        subject,
        subjectValue,
        peer,
        peerValue,
        ratio,
        spread,
        notes,
        where,
        burnt,
        parts,
        single,
        used);
  }

  /**
   * The middle half of the ratios.
   *
   * @param low a quarter of them are below
   * @param high a quarter of them are above
   * @param pairs how many they are: so many slices of each side count
   */
  record Spread(double low, double high, int pairs) {}

  /**
   * Where a line lies on a growth curve. Lines of one curve name their subject alike.
   *
   * @param curve the beginning of the names of its lines
   * @param axis what grows, such as {@code processes}
   * @param x how many of it
   */
  record Point(String curve, String axis, double x) {}

  /** CPU seconds burnt in a second of wall time, by all processes of a side. */
  record Cpu(double subject, double peer) {}

  /**
   * Parts of a slice's operations, from 0 to 1.
   *
   * @param least by the process or thread that did least
   * @param most by the process or thread that did most
   */
  record Share(double least, double most) {}

  /** Of both sides. */
  record Shares(Share subject, Share peer) {}

  /**
   * So many percent of the operations took at most so long.
   *
   * @param percent 100 of the slowest
   */
  record Percentile(double percent, double nanos) {}

  /** Of both sides, in the order of their percents. */
  record Latencies(List<Percentile> subject, List<Percentile> peer) {}
}
