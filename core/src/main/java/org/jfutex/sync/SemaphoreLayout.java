// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;
import static org.jfutex.linux.LinuxAbi.FUTEX_TID_MASK;
import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.Slot;

/**
 * The bytes of a semaphore: a process-shared {@code sem_t} of 64-bit glibc.
 *
 * <pre>
 *    0  value    u32  permits; the futex word
 *    4  waiters  u32  who came and did not go; a killed one is counted for ever
 *    8  sharing  u32  0x80 process-shared; 0 process-private, or not made yet
 *   12  maker    u32  0 in the end; before, who makes it: thread id | OWNER_DIED | WAITERS, as in a robust mutex
 *   16           16 bytes that are not used
 * </pre>
 *
 * <p>It is made by one store, of the sharing and the maker at once: until then the maker has the value for itself, and
 * whoever else comes waits. The kernel hands a maker's work on when it dies, as it hands on a robust mutex. Nothing
 * less will do: a value written by a compare-and-set from 0 could be written once more by somebody who is late, when
 * the semaphore was made and all its permits are taken.
 */
final class SemaphoreLayout extends Slot {
  static final int DATA = 0;
  static final int VALUE = 0;
  static final int BYTES = 32;

  /** In the 8 bytes of value and waiters. */
  static final long ONE_WAITER = 1L << Integer.SIZE;

  private static final int HEADER = 8;
  private static final int MAKER = 12;
  private static final int UNUSED = 16;

  private static final int UNMADE = 0;
  private static final int PROCESS_SHARED = 0x80;

  /** What C would never write: those who wait inside one JVM meet nobody else. */
  private static final int OF_ONE_JVM = 0x4a564d;

  /** For a maker that has no thread id. */
  private static final int ANONYMOUS = FUTEX_TID_MASK;

  /** A maker has two stores to make. */
  private static final long PATIENCE_SECONDS = 10;

  private final FutexWord word;
  private final FutexWord maker;
  private final int sharing;
  private final FutexManager futexes = FutexManager.system();

  SemaphoreLayout(FutexWord word) {
    super(Objects.requireNonNull(word, "word").memory(), word.offset(), BYTES);
    this.word = word;
    maker = word.plus(MAKER);
    sharing = word.isShared() ? PROCESS_SHARED : OF_ONE_JVM;
  }

  /** The bytes of a process-shared semaphore that nobody has used yet. */
  static ByteBuffer content(int permits) {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.nativeOrder())
        .putInt(VALUE, permits)
        .putInt(HEADER, PROCESS_SHARED);
  }

  /** Throws unless a semaphore is there that can be used through this word. */
  void check() {
    check((int) getLongVolatile(HEADER));
  }

  private void check(int found) {
    if (found != sharing) {
      throw new IllegalArgumentException(
          "found "
              + describe(found)
              + " at "
              + word
              + ", expected "
              + describe(sharing)
              + (found == UNMADE
                  ? "; sem_init with pshared 1 makes one, or SharedSemaphore.at"
                  : ""));
    }
  }

  private static String describe(int sharing) {
    return switch (sharing) {
      case PROCESS_SHARED -> "a process-shared semaphore";
      case OF_ONE_JVM -> "a semaphore for the threads of one JVM";
      case UNMADE -> "no semaphore, or a process-private one (0 at offset 8)";
      default -> "no semaphore (0x" + Integer.toHexString(sharing) + " at offset 8)";
    };
  }

  /** Makes a semaphore of zeros, unless there is one. */
  void findOrCreate(int permits) {
    long giveUp = Deadline.after(PATIENCE_SECONDS, TimeUnit.SECONDS);
    while (true) {
      long header = getLongVolatile(HEADER);
      int madeBy = (int) (header >>> Integer.SIZE);
      if ((int) header != UNMADE) {
        check((int) header);
        return;
      }
      if (madeBy != 0 && (madeBy & FUTEX_OWNER_DIED) == 0) {
        awaitMaker(header, madeBy, giveUp);
      } else if (madeBy == 0 && !isZero()) {
        if (getLongVolatile(HEADER) == header) { // which it never is again once somebody began
          check(UNMADE);
        }
      } else if (make(header, permits)) {
        return;
      }
    }
  }

  private boolean isZero() {
    return getLongVolatile(DATA) == 0
        && getLongPlain(UNUSED) == 0
        && getLongPlain(UNUSED + Long.BYTES) == 0;
  }

  /**
   * Nobody, or a dead one => this thread => made, and all who wait for that are woken.
   *
   * @return false if somebody else came first
   */
  private boolean make(long before, int permits) {
    CurrentThread self = CurrentThread.get();
    RobustList list = isWatchedByTheKernel(self) ? self.robustList() : null;
    int tid = self.tid == CurrentThread.NO_TID ? ANONYMOUS : self.tid;
    long mine = before & (long) FUTEX_WAITERS << Integer.SIZE | (long) tid << Integer.SIZE;
    if (list != null) {
      list.beginMoment(maker.address());
    }
    try {
      if (!compareAndSetLong(HEADER, before, mine)) {
        return false;
      }
      setLongPlain(DATA, permits);
      if (getAndSetLong(HEADER, sharing) >>> Integer.SIZE != tid) {
        futexes.wake(maker, FutexManager.ALL);
      }
      return true;
    } finally {
      if (list != null) {
        list.end();
      }
    }
  }

  private boolean isWatchedByTheKernel(CurrentThread self) {
    return word.isShared()
        && self.tid != CurrentThread.NO_TID
        && FutexSyscalls.isExpected()
        && FutexSyscalls.system().features().robustList();
  }

  private void awaitMaker(long header, int madeBy, long giveUp) {
    if (Deadline.hasPassed(giveUp)) {
      throw new IllegalStateException(
          "the semaphore at "
              + word
              + " was not made within "
              + PATIENCE_SECONDS
              + " s by "
              + MutexOwner.of(madeBy & FUTEX_TID_MASK)
              + ". If that is none, these bytes are no semaphore: make them zeros");
    }
    int expected = madeBy | FUTEX_WAITERS;
    long waitedFor = header | (long) FUTEX_WAITERS << Integer.SIZE;
    if (header == waitedFor || compareAndSetLong(HEADER, header, waitedFor)) {
      Healing.sleep(maker, expected, false, giveUp);
    }
  }
}
