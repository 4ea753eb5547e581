// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedMutex;

/** Mutexes and file locks: of one process, and of several that contend. */
final class MutexOperations {
  /** Nobody dies here; a robust PI mutex takes none without it. */
  static final Recovery NEVER =
      mutex -> {
        throw new IllegalStateException("nobody was to die: " + mutex);
      };

  private static final int CACHE_LINE = 64;

  private MutexOperations() {}

  static void declare(Tasks tasks) {
    tasks.task(
        "mutex-uncontended FILE KIND",
        arguments -> Loop.ofLocks(new Uncontended(arguments.memory(), kind(arguments))));
    tasks.task(
        "mutex-contended FILE OFFSET KIND PROCESSES",
        arguments -> new ContendedTask(arguments, mutex(arguments)));
    tasks.task(
        "mutex-held FILE OFFSET KIND PROCESSES NANOS",
        arguments -> ContendedTask.holding(arguments, mutex(arguments), arguments.number("NANOS")));
    tasks.task("file-lock FILE", arguments -> Loop.ofCalls(uncontended(fileLock(arguments))));
    tasks.task(
        "file-lock-contended FILE OFFSET PROCESSES",
        arguments -> new ContendedTask(arguments, fileLock(arguments)));
  }

  private static Lock fileLock(Arguments arguments) throws IOException {
    return arguments.opened(new FileChannelLock(arguments.file()));
  }

  private static MutexKind kind(Arguments arguments) {
    return KindNumber.parse(arguments.text("KIND"));
  }

  static SharedMutex mutex(Arguments arguments) throws IOException {
    return mutex(arguments.memory(), arguments.offset(), kind(arguments));
  }

  static SharedMutex mutex(MappedMemory memory, int offset, MutexKind kind) {
    return SharedMutex.at(memory, offset, kind, kind.robust() ? NEVER : null);
  }

  /**
   * Lock and unlock, in each slice of a mutex at another offset. Where the address of one of its fields and that of a
   * hot field of the heap end in the same 12 bits, it takes twice as long (4 KiB aliasing); so one place is chance, and
   * the median over some is not. {@code mutex-peer.c} does the same at the same places, in the same order.
   */
  static final class Uncontended implements Loop.Operation {
    private static final int MUTEXES = 8;
    private static final int STRIDE = 7 * CACHE_LINE;

    private final SharedMutex[] mutexes = new SharedMutex[MUTEXES];
    private SharedMutex mutex;

    Uncontended(MappedMemory memory, MutexKind kind) {
      for (int i = 0; i < MUTEXES; i++) {
        mutexes[i] = mutex(memory, i * STRIDE, kind);
      }
      beginSlice(0);
    }

    @Override
    public void beginSlice(int number) {
      mutex = mutexes[number % MUTEXES];
    }

    @Override
    public long run(long times) {
      SharedMutex one = mutex;
      for (long i = 0; i < times; i++) {
        one.lock();
        one.unlock();
      }
      return 0;
    }
  }

  /** The same of another lock. */
  private static Loop.Operation uncontended(Lock lock) {
    return times -> {
      for (long i = 0; i < times; i++) {
        lock.lock();
        lock.unlock();
      }
      return 0;
    };
  }
}
