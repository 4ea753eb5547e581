// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Values of one figure; asked for what outliers do not move. */
final class Sample {
  private static final double LOW_QUARTER = 0.25;
  private static final double HALF = 0.5;
  private static final double HIGH_QUARTER = 0.75;

  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  double median() {
    return quantile(HALF);
  }

  Line.Spread middleHalf() {
    return new Line.Spread(quantile(LOW_QUARTER), quantile(HIGH_QUARTER), values.size());
  }

  /** Between two values by their distance. */
  private double quantile(double share) {
    if (values.isEmpty()) {
      throw new IllegalStateException("no values, expected at least one");
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    double at = share * (sorted.size() - 1);
    double below = sorted.get((int) Math.floor(at));
    double above = sorted.get((int) Math.ceil(at));
    return below + (above - below) * (at - Math.floor(at));
  }
}
