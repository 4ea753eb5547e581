// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.SharedMutex;

/** One process of {@link CrashCommand}: updates what all share, and repairs it when another was killed at that. */
final class CrashWorker {
  /** Without the lock; and the JVM that is started for the killed one finds a CPU. */
  private static final long OTHER_WORK_NANOS = 20_000;

  private CrashWorker() {}

  /**
   * @param args file, kind of lock, number of this worker
   */
  public static void main(String... args) throws IOException {
    ChildJvms.endWithParent();
    int worker = Integer.parseInt(args[2]);

    try (CrashFile file = new CrashFile(Path.of(args[0]), CrashRun.WORKERS)) {
      SharedMutex mutex = file.mutex(LockKind.of(args[1]));
      while (!file.isStopped()) {
        Acquisition how = mutex.acquire();
        try {
          if (how == Acquisition.OWNER_DIED) {
            long when = System.nanoTime();
            file.repair(); // the data first: who is killed here leaves a mutex that still says so
            mutex.makeConsistent();
            file.recovered(when);
          }
          file.update(worker);
        } finally {
          // Had the repair thrown, the mutex would now be unusable: nobody builds on broken data.
          mutex.unlock();
        }
        file.complete(worker);
        LockSupport.parkNanos(OTHER_WORK_NANOS);
      }
    }
  }
}
