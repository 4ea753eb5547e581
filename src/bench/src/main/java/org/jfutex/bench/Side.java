// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.Locale;

/** What the slices of one side of a duel came to. */
final class Side {
  private static final double PERCENT = 100;

  private final String name;
  private final Sample values = new Sample();
  private final Sample sleepers = new Sample();
  private final Sample least = new Sample();
  private final Sample most = new Sample();

  Side(String name) {
    this.name = name;
  }

  void add(Contestant.Slice slice) {
    values.add(slice.value());
    sleepers.add(slice.sleepers());
    least.add(slice.least());
    most.add(slice.most());
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
        "of a slice's increments by %s each process made %.1f to %.1f %%",
        name,
        PERCENT * least.median(),
        PERCENT * most.median());
  }
}
