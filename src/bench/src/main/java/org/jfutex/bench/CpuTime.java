// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The CPU time of a process: of its threads, as the scheduler counts it, in nanoseconds; clock ticks would be few. */
final class CpuTime {
  private CpuTime() {}

  /** What threads that ended took is not in it: between two looks that are milliseconds apart, hardly any. */
  static long nanos(long pid) {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return threads.mapToLong(CpuTime::ofThread).sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long ofThread(Path thread) {
    try {
      return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
    } catch (IOException e) {
      return 0; // it has just ended, or the kernel does not count
    }
  }
}
