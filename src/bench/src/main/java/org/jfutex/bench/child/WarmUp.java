// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

/** How much a child warms up: wholly for a figure, briefly to see whether its task works. */
public final class WarmUp {
  /** The share of it, a system property; 1 if not set. */
  public static final String PROPERTY = "jfutex.bench.warm-up";

  private static final double SHARE = Double.parseDouble(System.getProperty(PROPERTY, "1"));

  private WarmUp() {}

  /** So much of a whole one. */
  static long of(long whole) {
    return Math.max(1, (long) (SHARE * whole));
  }
}
