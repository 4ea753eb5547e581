// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Polls for a state. The deadline guards against hanging, it does not measure. */
public final class Eventually {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private Eventually() {}

  public static void until(String what, BooleanSupplier state) {
    long end = System.nanoTime() + DEADLINE_NANOS;
    while (!state.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not seen within 60 s: " + what);
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
  }
}
