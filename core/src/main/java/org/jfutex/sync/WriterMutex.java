// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_TID_MASK;

import org.jfutex.memory.MappedMemory;

/**
 * The mutex of a {@link SharedReadWriteLock} for who writes, and what else of the lock he needs: from in here it is
 * nearest.
 */
final class WriterMutex extends RobustMutex {
  private static final MutexKind KIND = MutexKind.RECURSIVE.robust(true);

  /** How many slots follow the lock's first line, each on one of its own. */
  private final int slots;

  private WriterMutex(MappedMemory memory, long offset, int slots, Recovery recovery) {
    super(memory, offset, KIND, recovery);
    this.slots = slots;
  }

  /** The mutex with which a read-write lock begins; zeros become one. */
  static WriterMutex at(MappedMemory memory, long offset, int slots, Recovery recovery) {
    checkOffered(KIND);
    MutexLayout.findOrCreate(memory, offset, KIND);
    return new WriterMutex(memory, offset, slots, recovery);
  }

  /**
   * Whether no reader holds a slot, for who holds the mutex. The slots are read after the compare-and-set that took it:
   * a reader that took one later sees a writer there, and gives way.
   */
  boolean isNobodyReading() {
    return (getBits(SharedReadWriteLock.LINE, slots, SharedReadWriteLock.LINE) & FUTEX_TID_MASK)
        == 0;
  }

  /** For who holds the mutex: from here on he writes. */
  void goInside() {
    setBeforeStores(SharedReadWriteLock.INSIDE, 1);
  }

  /** What he wrote is whole. */
  void goOutside() {
    setRelease(SharedReadWriteLock.INSIDE, 0);
  }

  /** Whether its owner writes, or died so. */
  boolean isInside() {
    return getVolatile(SharedReadWriteLock.INSIDE) != 0;
  }
}
