// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.jfutex.bench.picture.Axis;
import org.jfutex.bench.picture.Chart;
import org.jfutex.bench.picture.Quantity;
import org.jfutex.bench.picture.Scale;
import org.jfutex.bench.picture.Series;
import org.jfutex.bench.picture.Series.Datum;

/** The charts of a group: how costs grow, and how the single operations are spread. */
final class Figures {
  /** The axes on which an even share is the part of one. */
  private static final Set<String> MEMBERS = Set.of("processes", "threads");

  private static final String NANOS = "ns";
  private static final double PERCENT = 100;
  private static final double SLOW_PERCENT = 99;
  private static final List<Double> PERCENTILES = List.of(0.0, 50.0, 90.0, 99.0, 99.9, 99.99);
  private static final int PERCENTILE_DECIMALS = 4;

  private Figures() {}

  static List<Chart> of(Group group) {
    List<Chart> charts = new ArrayList<>();
    for (List<Line> curve : group.curves()) {
      charts.add(cost(curve));
      if (curve.stream().anyMatch(Figures::tellsOfSlow)) {
        charts.add(tail(curve));
      }
      if (curve.stream().anyMatch(line -> line.cpu() != null)) {
        charts.add(burnt(curve));
      }
      if (curve.stream().anyMatch(line -> line.shares() != null)) {
        charts.add(shares(curve));
      }
    }
    group.distributions().forEach(lines -> charts.add(latencies(lines)));
    return charts;
  }

  private static Chart cost(List<Line> curve) {
    Contestants contestants = new Contestants();
    for (Line line : curve) {
      double x = line.point().x();
      contestants.ours(line.subject(), new Datum(x, line.subjectValue()));
      contestants.peer(line.peer(), new Datum(x, line.peerValue()));
    }
    String unit = curve.get(0).unit();
    return growth(curve, unit, value -> Quantity.of(value, unit), contestants.series());
  }

  /** What the fast ones say nothing of, and the mean little. */
  private static Chart tail(List<Line> curve) {
    Contestants contestants = new Contestants();
    for (Line line : curve) {
      if (tellsOfSlow(line)) {
        double x = line.point().x();
        contestants.ours(line.subject(), new Datum(x, slow(line.latencies().subject())));
        contestants.peer(line.peer(), new Datum(x, slow(line.latencies().peer())));
      }
    }
    return growth(
        curve,
        "one of 100 operations takes longer",
        nanos -> Quantity.of(nanos, NANOS),
        contestants.series());
  }

  private static boolean tellsOfSlow(Line line) {
    return line.latencies() != null
        && slowest(line.latencies().subject()).findAny().isPresent()
        && slowest(line.latencies().peer()).findAny().isPresent();
  }

  private static double slow(List<Line.Percentile> percentiles) {
    return slowest(percentiles).findFirst().orElseThrow().nanos();
  }

  private static Stream<Line.Percentile> slowest(List<Line.Percentile> percentiles) {
    return percentiles.stream().filter(one -> one.percent() >= SLOW_PERCENT);
  }

  private static Chart burnt(List<Line> curve) {
    Contestants contestants = new Contestants();
    for (Line line : curve) {
      if (line.cpu() != null) {
        double x = line.point().x();
        contestants.ours(line.subject(), new Datum(x, line.cpu().subject()));
        contestants.peer(line.peer(), new Datum(x, line.cpu().peer()));
      }
    }
    return growth(curve, "CPUs kept busy", Quantity::number, contestants.series());
  }

  private static Chart shares(List<Line> curve) {
    Contestants contestants = new Contestants();
    for (Line line : curve) {
      if (line.shares() != null) {
        contestants.ours(line.subject(), datum(line, line.shares().subject()));
        contestants.peer(line.peer(), datum(line, line.shares().peer()));
      }
    }
    List<Series> series = new ArrayList<>(contestants.series());
    if (MEMBERS.contains(curve.get(0).point().axis())) {
      series.add(evenShares(curve));
    }
    return growth(curve, "share of each, least to most", value -> Quantity.of(value, "%"), series);
  }

  private static Datum datum(Line line, Line.Share share) {
    return new Datum(line.point().x(), PERCENT * share.least(), PERCENT * share.most());
  }

  private static Series evenShares(List<Line> curve) {
    TreeSet<Double> counts = new TreeSet<>();
    curve.forEach(line -> counts.add(line.point().x()));
    return new Series(
        "an even share",
        Series.Side.IDEAL,
        counts.stream().map(count -> new Datum(count, PERCENT / count)).toList());
  }

  private static Chart growth(
      List<Line> curve, String what, DoubleFunction<String> label, List<Series> series) {
    Line.Point point = curve.get(0).point();
    Axis x = Axis.of(point.axis(), places(series).toList(), Figures::count);
    return new Chart(point.curve(), x, Axis.rounded(what, values(series), label), series);
  }

  private static String count(double value) {
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%,.0f" : "%s", value);
  }

  /** By how few operations are slower, so that the slow ones get as much room as the many. */
  private static Chart latencies(List<Line> lines) {
    Contestants contestants = new Contestants();
    for (Line line : lines) {
      for (Line.Percentile one : line.latencies().subject()) {
        contestants.ours(line.subject(), new Datum(rarity(one.percent()), one.nanos()));
      }
      for (Line.Percentile one : line.latencies().peer()) {
        contestants.peer(line.peer(), new Datum(rarity(one.percent()), one.nanos()));
      }
    }
    List<Series> series = contestants.series();
    Scale across = Scale.through(places(series).filter(Double::isFinite).toList());
    List<Double> ticks =
        PERCENTILES.stream()
            .map(Figures::rarity)
            .filter(tick -> across.from() <= tick && tick <= across.to())
            .toList();
    return new Chart(
        lines.get(0).name(),
        new Axis("percentile", across, ticks, Figures::percentile),
        Axis.rounded("latency", values(series), nanos -> Quantity.of(nanos, NANOS)),
        series);
  }

  /** One in so many is slower; without end for the slowest. */
  private static double rarity(double percent) {
    return PERCENT / (PERCENT - percent);
  }

  private static String percentile(double rarity) {
    if (Double.isInfinite(rarity)) {
      return "slowest";
    }
    return BigDecimal.valueOf(PERCENT - PERCENT / rarity)
        .setScale(PERCENTILE_DECIMALS, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static Stream<Double> places(List<Series> series) {
    return series.stream().flatMap(one -> one.data().stream()).map(Datum::x);
  }

  private static List<Double> values(List<Series> series) {
    return series.stream()
        .flatMap(one -> one.data().stream())
        .filter(datum -> Double.isFinite(datum.x()))
        .flatMap(datum -> Stream.of(datum.low(), datum.high()))
        .toList();
  }
}
