// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.MappedMemory;

/** One process of {@link CounterCommand}: maps the file, and increments its counter under the shared lock. */
final class CounterWorker {
  /** Telling every increment would be one more cache line written each time. */
  private static final int PROGRESS_STEP = 256;

  private CounterWorker() {}

  /**
   * @param args file, kind of lock, number of this worker, increments
   */
  public static void main(String... args) throws IOException {
    ChildJvms.endWithParent();
    LockKind kind = LockKind.of(args[1]);
    int worker = Integer.parseInt(args[2]);
    int increments = Integer.parseInt(args[3]);

    try (MappedMemory memory = MappedMemory.open(Path.of(args[0]))) {
      CounterFile file = new CounterFile(memory);
      Lock lock = file.lock(kind);
      file.awaitStart();
      for (int done = 1; done <= increments; done++) {
        lock.lock();
        try {
          file.increment();
        } finally {
          lock.unlock();
        }
        if (done % PROGRESS_STEP == 0) {
          file.setProgress(worker, done);
        }
      }
      file.setProgress(worker, increments);
      file.finish();
    }
  }
}
