// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

/**
 * One line in two runs. It is about the ratios, if both have some that vary, and about our bare values otherwise.
 *
 * @param before in the old run
 * @param after in the new run
 */
record Change(Line before, Line after) {
  /** Below one of its unit, a byte or a percent of a CPU, a bare value is what else the JVM does. */
  private static final double LEAST_OF_BARE_VALUES = 1;

  boolean isOfRatios() {
    return before.spread() != null && after.spread() != null;
  }

  double oldFigure() {
    return figure(before);
  }

  double newFigure() {
    return figure(after);
  }

  private double figure(Line line) {
    return isOfRatios() ? line.ratio() : line.subjectValue();
  }

  boolean isSlower() {
    return newFigure() > oldFigure();
  }

  /**
   * Whether the middle halves of the ratios do not overlap, and the medians differ by more than the floor, too: within
   * one run a ratio may vary little, and yet the next start of a JVM deals it another layout of its code.
   *
   * @param floor such as 0.05
   */
  boolean isBeyondNoise(double floor) {
    double less = Math.min(oldFigure(), newFigure());
    double more = Math.max(oldFigure(), newFigure());
    return more > less * (1 + floor) && (isOfRatios() ? isApart() : isMuch());
  }

  private boolean isApart() {
    return before.spread().high() < after.spread().low()
        || after.spread().high() < before.spread().low();
  }

  private boolean isMuch() {
    return Math.abs(newFigure() - oldFigure()) >= LEAST_OF_BARE_VALUES;
  }
}
