// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.SharedReadWriteLock;

/** Either half of read-write locks of either kind; {@code rwlock-peer.c} in Java. */
final class ReadWriteOperations {
  private static final int CACHE_LINE = 64;

  /** At other places in each slice; see {@link MutexOperations.Uncontended}. */
  private static final int LOCKS = 8;

  /** An odd number of lines, and more than the longest kind takes. */
  private static final int STRIDE = 19 * CACHE_LINE;

  /** Behind what {@link ContendedTask} shares. */
  private static final int CONTENDED = 8 * CACHE_LINE;

  private ReadWriteOperations() {}

  static void declare(Tasks tasks) {
    declare(tasks, "rwlock", SharedReadWriteLock::at);
    declare(tasks, "rwlock-compact", CompactReadWriteLock::at);
  }

  private interface Kind {
    ReadWriteLock at(MappedMemory memory, int offset);
  }

  private static void declare(Tasks tasks, String name, Kind kind) {
    tasks.task(
        name + "-uncontended FILE HALF", arguments -> Loop.ofLocks(uncontended(arguments, kind)));
    tasks.task(
        name + "-contended FILE OFFSET HALF PROCESSES", arguments -> contended(arguments, kind));
  }

  private static Loop.Operation uncontended(Arguments arguments, Kind kind) throws IOException {
    Lock[] locks = new Lock[LOCKS];
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = half(arguments, kind.at(arguments.memory(), i * STRIDE));
    }
    return new Loop.Operation() {
      private Lock lock = locks[0];

      @Override
      public void beginSlice(int number) {
        lock = locks[number % LOCKS];
      }

      @Override
      public long run(long times) {
        Lock one = lock;
        for (long i = 0; i < times; i++) {
          one.lock();
          one.unlock();
        }
        return 0;
      }
    };
  }

  private static ContendedTask contended(Arguments arguments, Kind kind) throws Exception {
    Lock one = half(arguments, kind.at(arguments.memory(), arguments.offset() + CONTENDED));
    return new ContendedTask(arguments, one, writes(arguments));
  }

  private static Lock half(Arguments arguments, ReadWriteLock lock) {
    return writes(arguments) ? lock.writeLock() : lock.readLock();
  }

  private static boolean writes(Arguments arguments) {
    return arguments.text("HALF").equals("write");
  }
}
