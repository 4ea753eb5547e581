// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.Test;

/** {@code kill -9} of processes that work under what outlives its holders, at any moment. */
class CrashKillsTest {
  /** How many; the profile {@code soak} does more. */
  private static final int KILLS = Integer.getInteger("jfutex.crash.kills", 20);

  private static final int WORKERS = 3;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final CrashJvm[] workers = new CrashJvm[WORKERS];

  @Test
  void othersGoOnWithWholeData() throws IOException {
    long seed = Long.getLong("jfutex.crash.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    try (TestMemory memory = new TestMemory()) {
      ByteBuffer bytes = memory.memory().buffer();
      try {
        for (int i = 0; i < WORKERS; i++) {
          start(memory, i);
        }
        for (int kill = 0; kill < KILLS; kill++) {
          int victim = random.nextInt(WORKERS);
          awaitProgress(bytes, victim);
          LockSupport.parkNanos(random.nextLong(PAUSE_NANOS)); // any moment
          assertTrue(workers[victim].process.isAlive(), workers[victim]::output);
          workers[victim].close();
          for (int i = 0; i < WORKERS; i++) {
            if (i != victim) {
              awaitProgress(bytes, i);
            }
          }
          start(memory, victim);
        }
      } finally {
        for (CrashJvm worker : workers) {
          if (worker != null) {
            worker.close();
          }
        }
      }
      System.out.println("kill -9: " + KILLS + " tried, " + KILLS + " survived, seed " + seed);
    }
  }

  private void start(TestMemory memory, int worker) {
    memory.memory().buffer().putLong(CrashWorker.PROGRESS + worker * Long.BYTES, 0);
    workers[worker] =
        CrashJvm.start(
            List.of(),
            CrashJvm.classPath(),
            CrashWorker.class,
            memory.path().toString(),
            Integer.toString(worker));
  }

  /** The worker has its turn once more, and then again: the second one began after the kill. */
  private void awaitProgress(ByteBuffer bytes, int worker) {
    int progress = CrashWorker.PROGRESS + worker * Long.BYTES;
    long before = bytes.getLong(progress);
    Eventually.until(
        "worker " + worker + " goes on",
        () -> bytes.getLong(progress) > before + 1 || !workers[worker].process.isAlive());
    if (!workers[worker].process.isAlive()) {
      assertEquals("", workers[worker].output(), "a worker ended by itself");
    }
  }
}
