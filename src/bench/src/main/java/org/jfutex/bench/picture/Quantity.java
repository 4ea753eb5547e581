// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/** A value as people read it: three digits, and a unit of the size that they ask for. */
public final class Quantity {
  private static final MathContext DIGITS = new MathContext(3, RoundingMode.HALF_UP);
  private static final double THOUSAND = 1000;
  private static final List<String> TIMES = List.of("ns", "µs", "ms", "s");

  private Quantity() {}

  /** Of nanoseconds too, which become microseconds from a thousand on. What the unit is per goes without saying. */
  public static String of(double value, String unit) {
    String single = single(unit);
    if (!single.equals(TIMES.get(0))) {
      return number(value) + " " + single;
    }
    double scaled = value;
    int size = 0;
    while (Math.abs(rounded(scaled).doubleValue()) >= THOUSAND && size < TIMES.size() - 1) {
      scaled /= THOUSAND;
      size++;
    }
    return number(scaled) + " " + TIMES.get(size);
  }

  /** Without a unit. */
  public static String number(double value) {
    BigDecimal rounded = rounded(value);
    return rounded.abs().doubleValue() >= THOUSAND
        ? String.format(Locale.ROOT, "%,d", rounded.toBigInteger())
        : rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).round(DIGITS);
  }

  private static String single(String unit) {
    int per = unit.indexOf('/');
    return per < 0 ? unit : unit.substring(0, per);
  }
}
