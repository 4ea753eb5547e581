// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.List;

/**
 * What one contestant adds to a chart.
 *
 * @param name of the contestant
 * @param side whose it is
 * @param data in the order of their x
 */
public record Series(String name, Side side, List<Datum> data) {

  /** Each side has looks of its own, the same in every chart. */
  public enum Side {
    OURS,
    PEER,
    /** What it would be by rights; not measured. */
    IDEAL
  }

  /**
   * A value, or what lies between two.
   *
   * @param x where; without end for what has a row in the table, but no place in the drawing
   * @param low the value, or the lower end
   * @param high the same value, or the upper end
   */
  public record Datum(double x, double low, double high) {
    /** One value. */
    public Datum(double x, double y) {
      this(x, y, y);
    }

    boolean isRange() {
      return low < high;
    }

    boolean isDrawn() {
      return Double.isFinite(x);
    }
  }
}
