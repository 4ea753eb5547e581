// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.util.concurrent.TimeUnit;

/** The CPU time of a process as the scheduler counts it, in nanoseconds; of its threads that ended, too. */
final class CpuTime {
  static {
    Native.register(CpuTime.class, NativeLibrary.getProcess());
  }

  private CpuTime() {}

  /** 0 of one that has ended. */
  static long nanos(long pid) {
    int[] clock = new int[1];
    long[] timespec = new long[2];
    return clock_getcpuclockid((int) pid, clock) == 0 && clock_gettime(clock[0], timespec) == 0
        ? TimeUnit.SECONDS.toNanos(timespec[0]) + timespec[1]
        : 0;
  }

  private static native int clock_getcpuclockid(int pid, int[] clock);

  private static native int clock_gettime(int clock, long[] timespec);
}
