// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.function.IntFunction;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.RobustSemaphore;
import org.jfutex.sync.SharedSemaphore;

/** Semaphores of one permit, of either kind; {@code semaphore-peer.c} in Java. */
final class SemaphoreOperations {
  private static final int CACHE_LINE = 64;

  /** At other places in each slice; see {@link MutexOperations.Uncontended}. */
  private static final int SEMAPHORES = 8;

  private static final int STRIDE = 7 * CACHE_LINE;

  /** Behind what {@link ContendedTask} shares. */
  private static final int CONTENDED = 8 * CACHE_LINE;

  private SemaphoreOperations() {}

  static void declare(Tasks tasks) {
    tasks.task(
        "semaphore-uncontended FILE", arguments -> Loop.ofLocks(uncontended(arguments.memory())));
    tasks.task("semaphore-contended FILE OFFSET PROCESSES", SemaphoreOperations::contended);
    tasks.task(
        "semaphore-robust-uncontended FILE",
        arguments -> Loop.ofLocks(uncontendedRobust(arguments.memory())));
    tasks.task(
        "semaphore-robust-contended FILE OFFSET PROCESSES", SemaphoreOperations::contendedRobust);
    tasks.task(
        "semaphore-jna-uncontended FILE",
        arguments -> Loop.ofLocks(uncontendedPosix(arguments.memory())));
    tasks.task(
        "semaphore-jna-contended FILE OFFSET PROCESSES", SemaphoreOperations::contendedPosix);
  }

  private static Loop.Operation uncontended(MappedMemory memory) {
    return new Places<>(offset -> SharedSemaphore.at(memory, offset, 1), SharedSemaphore[]::new) {
      @Override
      void run(SharedSemaphore semaphore, long times) throws InterruptedException {
        for (long i = 0; i < times; i++) {
          semaphore.acquire();
          semaphore.release();
        }
      }
    };
  }

  private static Loop.Operation uncontendedRobust(MappedMemory memory) {
    // Beside the peer's, whose bytes mean something else.
    return new Places<>(
        offset -> RobustSemaphore.at(memory, offset + CACHE_LINE, 1), RobustSemaphore[]::new) {
      @Override
      void run(RobustSemaphore semaphore, long times) throws InterruptedException {
        for (long i = 0; i < times; i++) {
          semaphore.acquire();
          semaphore.release();
        }
      }
    };
  }

  private static Loop.Operation uncontendedPosix(MappedMemory memory) {
    return new Places<>(offset -> new PosixSemaphore(memory, offset), PosixSemaphore[]::new) {
      @Override
      void run(PosixSemaphore semaphore, long times) {
        for (long i = 0; i < times; i++) {
          semaphore.acquire();
          semaphore.release();
        }
      }
    };
  }

  private static ContendedTask contended(Arguments arguments) throws Exception {
    SharedSemaphore semaphore =
        SharedSemaphore.at(arguments.memory(), arguments.offset() + CONTENDED, 1);
    return new ContendedTask(
        arguments, MeasuredLock.of(semaphore::acquireUninterruptibly, semaphore::release));
  }

  private static ContendedTask contendedRobust(Arguments arguments) throws Exception {
    RobustSemaphore semaphore =
        RobustSemaphore.at(arguments.memory(), arguments.offset() + CONTENDED, 1);
    return new ContendedTask(
        arguments, MeasuredLock.of(semaphore::acquireUninterruptibly, semaphore::release));
  }

  private static ContendedTask contendedPosix(Arguments arguments) throws Exception {
    PosixSemaphore semaphore =
        new PosixSemaphore(arguments.memory(), arguments.offset() + CONTENDED);
    return new ContendedTask(arguments, MeasuredLock.of(semaphore::acquire, semaphore::release));
  }

  /** Acquiring and releasing what nobody else wants. */
  private abstract static class Places<S> implements Loop.Operation {
    private final S[] semaphores;
    private S semaphore;

    Places(IntFunction<S> at, IntFunction<S[]> several) {
      semaphores = several.apply(SEMAPHORES);
      for (int i = 0; i < SEMAPHORES; i++) {
        semaphores[i] = at.apply(i * STRIDE);
      }
      beginSlice(0);
    }

    @Override
    public void beginSlice(int number) {
      semaphore = semaphores[number % SEMAPHORES];
    }

    @Override
    public long run(long times) throws InterruptedException {
      run(semaphore, times);
      return 0;
    }

    abstract void run(S semaphore, long times) throws InterruptedException;
  }
}
