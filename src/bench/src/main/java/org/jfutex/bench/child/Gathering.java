// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.memory.FutexWord;

/** Several processes that wait for each other between what is measured; {@code meet} of {@code contended.h}. */
final class Gathering {
  private static final long NAP_NANOS = 50_000;
  private static final int WARM_UP_SLICES = 4;
  private static final int WARM_UP_SLICES_A_PROCESS = 2;
  private static final long WARM_UP_MILLIS = 100;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final FutexWord arrived;
  private final int processes;
  private int meetings;

  /**
   * @param arrived at meetings, ever
   */
  Gathering(FutexWord arrived, int processes) {
    this.arrived = arrived;
    this.processes = processes;
  }

  /** Sleeping and waking, too, have to be compiled, by processes that share the CPUs. */
  void warmUp(Task task) throws Exception {
    for (int i = 0; i < WARM_UP_SLICES + WARM_UP_SLICES_A_PROCESS * processes; i++) {
      task.slice(WarmUp.of(WARM_UP_MILLIS));
    }
  }

  /** Naps until all have come. */
  void meet() {
    meetings++;
    arrived.getAndAdd(1);
    long start = System.nanoTime();
    while (arrived.getVolatile() - meetings * processes < 0) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new IllegalStateException("another process did not come; is it alive?");
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
  }
}
