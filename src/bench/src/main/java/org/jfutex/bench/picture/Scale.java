// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Where a value lies between the ends of an axis: by its logarithm where the values span more than a decade, else by
 * its distance.
 *
 * @param from the value at the beginning
 * @param to the value at the end
 * @param logarithmic by the logarithm
 */
public record Scale(double from, double to, boolean logarithmic) {
  private static final double DECADE = 10;
  private static final List<Double> ROUND = List.of(1.0, 2.0, 5.0);

  /** More crowd an axis. */
  private static final int MOST_TICKS = 9;

  /** Ends where the values end. A zero has no logarithm: it lies a decade before the least of the others. */
  public static Scale through(Collection<Double> values) {
    double least = Collections.min(values);
    double most = Collections.max(values);
    double first = values.stream().filter(value -> value > 0).min(Double::compare).orElse(most);
    if (least == 0 && spansDecade(first, most)) {
      return new Scale(first / DECADE, most, true);
    }
    return new Scale(least, most, spansDecade(least, most));
  }

  /** Ends at round numbers; begins at zero if it is not logarithmic, since half as high is to be half as much. */
  public static Scale around(Collection<Double> values) {
    double least = Collections.min(values);
    double most = Collections.max(values);
    if (spansDecade(least, most)) {
      return new Scale(roundBelow(least), roundAbove(most), true);
    }
    double step = step(most);
    return new Scale(0, step * Math.max(1, Math.ceil(most / step)), false);
  }

  private static boolean spansDecade(double least, double most) {
    return least > 0 && most > DECADE * least;
  }

  /** From 0 at the beginning to 1 at the end. */
  public double share(double value) {
    if (from == to) {
      return 1.0 / 2;
    }
    return logarithmic
        ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
        : (value - from) / (to - from);
  }

  /** Round numbers from end to end. */
  public List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (!logarithmic) {
      double step = step(to);
      for (int i = 0; i * step <= to; i++) {
        ticks.add(i * step);
      }
      return ticks;
    }
    for (double tick = from; tick <= to; tick = roundAbove(Math.nextUp(tick))) {
      ticks.add(tick);
    }
    return ticks.size() <= MOST_TICKS ? ticks : decades(ticks);
  }

  private static List<Double> decades(List<Double> ticks) {
    List<Double> decades = ticks.stream().filter(tick -> tick == decadeOf(tick)).toList();
    int each = 1 + decades.size() / MOST_TICKS;
    return decades.stream().filter(tick -> decades.indexOf(tick) % each == 0).toList();
  }

  /** Four or so up to the most. */
  private static double step(double most) {
    double least = most / 4;
    return least > 0 ? roundAbove(least) : 1;
  }

  private static double roundAbove(double value) {
    double decade = decadeOf(value);
    return ROUND.stream()
        .map(round -> round * decade)
        .filter(round -> round >= value)
        .findFirst()
        .orElse(DECADE * decade);
  }

  private static double roundBelow(double value) {
    double decade = decadeOf(value);
    return ROUND.stream()
        .map(round -> round * decade)
        .filter(round -> round <= value)
        .reduce(decade, Math::max);
  }

  private static double decadeOf(double value) {
    return Math.pow(DECADE, Math.floor(Math.log10(value)));
  }
}
