// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import org.jfutex.futex.FutexManager;

/** Pins threads of this JVM to CPUs, by {@code taskset} of util-linux. */
final class CpuPin {
  private CpuPin() {}

  static void pinCurrentThread(String cpu) throws IOException, InterruptedException {
    pin(FutexManager.system().currentTid(), cpu);
  }

  static void pin(int tid, String cpu) throws IOException, InterruptedException {
    Process taskset =
        new ProcessBuilder("taskset", "-p", "-c", cpu, Integer.toString(tid))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (taskset.waitFor() != 0) {
      throw new IOException("taskset did not pin thread " + tid + " to CPU " + cpu);
    }
  }
}
