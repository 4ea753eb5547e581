// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.IntFunction;
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

  static Loop.Operation uncontended(MappedMemory memory, String half) {
    return uncontended(half, offset -> SharedReadWriteLock.at(memory, offset));
  }

  static Loop.Operation uncontendedCompact(MappedMemory memory, String half) {
    return uncontended(half, offset -> CompactReadWriteLock.at(memory, offset));
  }

  private static Loop.Operation uncontended(String half, IntFunction<ReadWriteLock> at) {
    Lock[] locks = new Lock[LOCKS];
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = half(at.apply(i * STRIDE), half);
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

  static ContendedTask contended(MappedMemory memory, int offset, String half, int processes) {
    return contended(
        memory, offset, half, processes, SharedReadWriteLock.at(memory, offset + CONTENDED));
  }

  static ContendedTask contendedCompact(
      MappedMemory memory, int offset, String half, int processes) {
    return contended(
        memory, offset, half, processes, CompactReadWriteLock.at(memory, offset + CONTENDED));
  }

  private static ContendedTask contended(
      MappedMemory memory, int offset, String half, int processes, ReadWriteLock lock) {
    Lock one = half(lock, half);
    return new ContendedTask(memory, offset, one::lock, one::unlock, processes, writes(half));
  }

  private static Lock half(ReadWriteLock lock, String half) {
    return writes(half) ? lock.writeLock() : lock.readLock();
  }

  private static boolean writes(String half) {
    return half.equals("write");
  }
}
