// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.util.Optional;
import org.agrona.concurrent.status.AtomicCounter;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexOwner;
import org.jfutex.sync.SharedMutex;

/**
 * The place of one thread in a queue.
 *
 * <pre>
 *    0  taken     a robust mutex, which the thread holds as long as it takes part
 *   56  progress  u64, how far the thread is; stays when it leaves
 * </pre>
 */
final class Seat {
  static final int BYTES = 64;

  private static final int PROGRESS = 56;
  private static final MutexKind KIND = MutexKind.NORMAL.robust(true);

  private final SharedMutex taken;
  private final AtomicCounter
      progress; // through which a store after a locked instruction waits for less

  Seat(MappedMemory memory, long offset) {
    memory.checkSlot(offset, BYTES);
    taken = SharedMutex.at(memory, offset, KIND);
    progress = Counters.at(memory, offset + PROGRESS);
  }

  /**
   * Takes the seat if it is free.
   *
   * @param repair is run first if the last one died here
   */
  boolean tryTake(Runnable repair) {
    return settle(taken.tryAcquire(), repair);
  }

  /** As {@link #tryTake}, sleeping until it is free, until a deadline. */
  boolean take(long deadline, Runnable repair) {
    return settle(taken.acquire(deadline), repair);
  }

  private boolean settle(Acquisition result, Runnable repair) {
    if (result != Acquisition.OWNER_DIED) {
      return result == Acquisition.ACQUIRED;
    }
    boolean repaired = false;
    try {
      repair.run();
      taken.makeConsistent();
      repaired = true;
    } finally {
      if (!repaired) {
        taken.decline();
      }
    }
    return true;
  }

  /** Leaves the seat, which the calling thread has. */
  void leave() {
    taken.unlock();
  }

  /** Whether a thread has it that is alive. */
  boolean isTaken() {
    return taken.isLocked();
  }

  Optional<MutexOwner> owner() {
    return taken.owner();
  }

  /** Reads; what the thread did before it got so far happened before. */
  long progress() {
    return progress.get();
  }

  /** Before the next compare-and-set of this thread. */
  void setProgressPlain(long value) {
    progress.setPlain(value);
  }

  /** After everything that this thread did before. */
  void setProgress(long value) {
    progress.setRelease(value);
  }
}
