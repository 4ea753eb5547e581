// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of a process: all threads that live, to the nanosecond. What the JVM tells has steps of 10 ms. */
final class CpuTime {
  private CpuTime() {}

  /**
   * In nanoseconds since they began.
   *
   * @throws IOException if a thread ends meanwhile, or the kernel does not tell
   */
  static long nanos(long pid) throws IOException {
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        String[] ranAndWaited = Files.readString(thread.resolve("schedstat")).split(" ");
        sum += Long.parseLong(ranAndWaited[0]);
      }
    }
    return sum;
  }
}
