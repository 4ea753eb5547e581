// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** Makes daemon threads, dealt out to CPUs. One that fails ends the JVM: others would wait for it for ever. */
final class PinnedThreads implements ThreadFactory {
  private final List<String> cpus;
  private int made;

  PinnedThreads(List<String> cpus) {
    this.cpus = cpus;
  }

  @Override
  public Thread newThread(Runnable work) {
    String cpu = cpus.get(made++ % cpus.size());
    Thread thread = new Thread(() -> runOn(cpu, work), "on CPU " + cpu);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (failed, reason) -> {
          reason.printStackTrace();
          Runtime.getRuntime().halt(1);
        });
    return thread;
  }

  private static void runOn(String cpu, Runnable work) {
    try {
      CpuPin.pinCurrentThread(cpu);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    work.run();
  }
}
