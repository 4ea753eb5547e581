// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.DoubleFunction;

/**
 * One of the two axes of a chart.
 *
 * @param title what it is of
 * @param scale where a value lies
 * @param ticks the values that are named
 * @param label names one
 */
public record Axis(String title, Scale scale, List<Double> ticks, DoubleFunction<String> label) {

  /** Names each of the values, of which there are few. */
  public static Axis of(String title, Collection<Double> values, DoubleFunction<String> label) {
    return new Axis(title, Scale.through(values), List.copyOf(new TreeSet<>(values)), label);
  }

  /** Names round numbers. */
  public static Axis rounded(
      String title, Collection<Double> values, DoubleFunction<String> label) {
    Scale scale = Scale.around(values);
    return new Axis(title, scale, scale.ticks(), label);
  }

  String name(double value) {
    return label.apply(value);
  }
}
