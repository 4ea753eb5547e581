// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What the slices of one side of a duel came to. */
final class Side {
  private static final double PERCENT = 100;

  /** Those of a latency that people ask for. */
  private static final List<Double> PERCENTILES =
      List.of(10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0);

  private static final int DIGITS = 3; // of a latency

  private final String name;
  private final Sample values = new Sample();
  private final Sample sleepers = new Sample();
  private final Sample least = new Sample();
  private final Sample most = new Sample();
  private final Histogram latencies = new Histogram(DIGITS);
  private long cpuNanos;
  private long wallNanos;

  Side(String name) {
    this.name = name;
  }

  /**
   * Has its contestant run for a slice.
   *
   * @param counts whether the slice does
   */
  Contestant.Slice slice(Contestant contestant, long millis, boolean counts) throws IOException {
    long cpu = contestant.cpuNanos();
    long start = System.nanoTime();
    Contestant.Slice slice = contestant.slice(millis);
    if (counts) {
      wallNanos += System.nanoTime() - start;
      cpuNanos += contestant.cpuNanos() - cpu;
      add(slice);
    }
    return slice;
  }

  private void add(Contestant.Slice slice) {
    values.add(slice.value());
    sleepers.add(slice.sleepers());
    least.add(slice.least());
    most.add(slice.most());
    slice.nanos().forEach(latencies::recordValue);
  }

  /** CPU seconds in a second of its slices; 0 if nobody knows. */
  double cpu() {
    return (double) cpuNanos / wallNanos;
  }

  Line.Share share() {
    return new Line.Share(least.median(), most.median());
  }

  boolean hasLatencies() {
    return latencies.getTotalCount() > 0;
  }

  List<Line.Percentile> latencies() {
    return PERCENTILES.stream()
        .map(percent -> new Line.Percentile(percent, latencies.getValueAtPercentile(percent)))
        .toList();
  }

  double value() {
    return values.median();
  }

  /**
   * A round trip whose partner did not sleep yet is a cheaper one, so two figures with different shares compare
   * different things.
   */
  boolean hasSleepers() {
    return sleepers.median() > 0;
  }

  String sleepers() {
    return String.format(
        Locale.ROOT,
        "%.0f %% of the wakes by %s found a sleeper",
        PERCENT * sleepers.median(),
        name);
  }

  boolean isSeveral() {
    return most.median() < 1;
  }

  String shares() {
    return String.format(
        Locale.ROOT,
        "of a slice's operations by %s each of them made %.1f to %.1f %%",
        name,
        PERCENT * least.median(),
        PERCENT * most.median());
  }
}
