// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.file.Path;

/** Pins threads of this JVM to CPUs, by {@code taskset} of util-linux. */
public final class CpuPin {
  /** The CPU of who measures, a system property; none where nobody says. */
  public static final String PROPERTY = "jfutex.bench.cpu";

  /** Asks nobody but /proc: some tasks have no way to the kernel, and the ids of threads are made up then. */
  private static final Path SELF = Path.of("/proc/thread-self");

  private CpuPin() {}

  /**
   * The thread that measures, and those that it will make; not those of the JVM. Where they had to share its CPU, a JVM
   * would think that it has one, and choose another garbage collector; and its JIT would compile between the slices.
   */
  static void pinWhoMeasures() throws IOException, InterruptedException {
    String cpu = System.getProperty(PROPERTY);
    if (cpu != null) {
      pinCurrentThread(cpu);
    }
  }

  static void pinCurrentThread(String cpu) throws IOException, InterruptedException {
    pin(Integer.parseInt(SELF.toRealPath().getFileName().toString()), cpu);
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
