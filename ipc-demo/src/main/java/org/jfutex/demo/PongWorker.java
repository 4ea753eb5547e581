// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import org.jfutex.memory.MappedMemory;

/** The other process of {@link PingPongCommand}: answers each ping, and tells what its last, long sleep cost. */
final class PongWorker {
  private PongWorker() {}

  /**
   * @param args file, number of pings to answer before the long sleep
   */
  public static void main(String... args) throws IOException {
    ChildJvms.endWithParent();
    int rounds = Integer.parseInt(args[1]);

    try (MappedMemory memory = MappedMemory.open(Path.of(args[0]))) {
      PingPongFile file = new PingPongFile(memory);
      int ping = 0;
      while (ping < rounds) {
        ping = file.awaitPingAfter(ping);
        file.pong(ping);
      }

      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadCpuTime();
      ping = file.awaitPingAfter(ping);
      file.setCpuNanos(threads.getCurrentThreadCpuTime() - before);
      file.pong(ping);
    }
  }
}
