// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * A read-write lock of 8 bytes, which counts its readers: any number of them, or one writer. Nobody may take it again
 * while he holds it, not even to read twice: he would wait for a writer that waits for him.
 *
 * <pre>
 *   0  state     bits 0-29  readers; all ones: a writer     taking and giving back
 *                bit 30     READERS_WAIT, on this word      set by who is about to sleep; cleared by who wakes them
 *                bit 31     WRITERS_WAIT, on the sequence   the same; and set by a writer that slept and takes the lock
 *   4  sequence  u32        what writers sleep on           +1 for each wake-up of one
 * </pre>
 *
 * <p>All-zero bytes are a free lock. Fairness: while writers wait no reader comes in, and of those who wait a writer is
 * woken first; {@code tryLock} alone looks at nobody who waits.
 *
 * <p>Memory: what happens before a write lock is given back happens before any later lock, in any process; what happens
 * before a read lock is given back happens before a later write lock.
 *
 * <p>The word does not say who holds the lock: a killed holder is counted for ever, and {@code unlock} refuses only
 * what nobody can hold. A killed sleeper holds up others for the healing period and an eighth of it, begun anew when
 * the word changes. {@link SharedReadWriteLock} survives its holders.
 *
 * <p>The algorithm is that of the read-write lock in Rust's standard library, {@code sys/sync/rwlock/futex.rs}.
 */
public final class CompactReadWriteLock extends Slot implements ReadWriteLock {
  /** What a lock takes of the memory. */
  public static final int BYTES = 8;

  private static final int STATE = 0;
  private static final int SEQUENCE = 4;

  private static final int FREE = 0;
  private static final int READER = 1;
  private static final int COUNT = (1 << 30) - 1; // the bits that say who holds it
  private static final int WRITER = COUNT;
  private static final int READERS_MAX = WRITER - 1;
  private static final int READERS_WAIT = 1 << 30;
  private static final int WRITERS_WAIT = 1 << 31;

  // What is uncontended is tried without a read: on the way from one locked instruction to the next
  // that would be one
  // step more to wait for.

  private final FutexWord state;
  private final FutexWord sequence;
  private final Spin spin = new Spin();
  private final FutexManager futexes = FutexManager.system();

  /**
   * How many others read when this process last had to know; a guess. Readers change the word from it, without a read:
   * that would be one step more to wait for, and where others read one more trip of the cache line.
   */
  private int others;

  private final ReadLock readLock = new ReadLock();
  private final WriteLock writeLock = new WriteLock();

  private CompactReadWriteLock(FutexWord state) {
    super(Objects.requireNonNull(state, "word").memory(), state.offset(), BYTES);
    this.state = state;
    sequence = state.plus(SEQUENCE);
  }

  /**
   * The lock in the {@link #BYTES} at an offset, for all processes that map them.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public static CompactReadWriteLock at(MappedMemory memory, long offset) {
    return at(Objects.requireNonNull(memory, "memory").word(offset));
  }

  /** The lock that begins at a word: of a {@link MappedMemory#privateWord}, one for threads of this JVM alone. */
  public static CompactReadWriteLock at(FutexWord word) {
    return new CompactReadWriteLock(word);
  }

  @Override
  public Lock readLock() {
    return readLock;
  }

  @Override
  public Lock writeLock() {
    return writeLock;
  }

  private final class ReadLock extends HalfLock {
    @Override
    boolean takeAtOnce() {
      checkOpen();
      int word = others;
      int found = compareAndExchange(STATE, word, word + READER);
      return found == word || takeAmongOthers(found);
    }

    private boolean takeAmongOthers(int seen) {
      int word = seen;
      while (isReadable(word)) {
        int found = compareAndExchange(STATE, word, word + READER);
        if (found == word) {
          others = word;
          return true;
        }
        word = found;
      }
      return false;
    }

    @Override
    Acquisition take(boolean interruptible, long deadline) {
      return takeToRead(interruptible, deadline);
    }

    /** Takes the lock unless a writer holds it. */
    @Override
    public boolean tryLock() {
      int word = state.getVolatile();
      while (!isWriteLocked(word)) {
        checkReaders(word);
        if (state.compareAndSet(word, word + READER)) {
          return true;
        }
        word = state.getVolatile();
      }
      return false;
    }

    /**
     * n => n - 1; and if nobody holds it then and somebody waits, it is passed on.
     *
     * @throws IllegalMonitorStateException if nobody reads; it stays as it is
     */
    @Override
    public void unlock() {
      int word = others + READER;
      int found = compareAndExchange(STATE, word, word - READER);
      if (found != word) {
        if (!isReadLocked(found)) {
          throw new IllegalMonitorStateException("nobody reads, expected this thread: " + this);
        }
        int left = getAndAdd(STATE, -READER) - READER;
        others = isReadable(left) ? left : FREE;
        passOnIfFree(left);
      }
    }

    @Override
    public String toString() {
      return "read lock of " + CompactReadWriteLock.this;
    }
  }

  private final class WriteLock extends HalfLock {
    @Override
    boolean takeAtOnce() {
      checkOpen();
      return compareAndSet(STATE, FREE, WRITER);
    }

    @Override
    Acquisition take(boolean interruptible, long deadline) {
      try {
        return takeToWrite(interruptible, deadline);
      } catch (ClosedMemoryException e) {
        // This thread may have been woken to take the lock; another process can still do so.
        futexes.wake(sequence, 1);
        throw e;
      }
    }

    /** Takes the lock unless anybody holds it. */
    @Override
    public boolean tryLock() {
      int word = state.getVolatile();
      while (isFree(word)) {
        if (state.compareAndSet(word, word | WRITER)) {
          return true;
        }
        word = state.getVolatile();
      }
      return false;
    }

    /**
     * WRITER => FREE; and if somebody waits, it is passed on.
     *
     * @throws IllegalMonitorStateException if nobody writes; it stays as it is
     */
    @Override
    public void unlock() {
      if (!compareAndSet(STATE, WRITER, FREE)) {
        if (!isWriteLocked(getOpaque(STATE))) {
          throw new IllegalMonitorStateException("nobody writes, expected this thread: " + this);
        }
        passOnIfFree(getAndAdd(STATE, -WRITER) - WRITER);
      }
    }

    @Override
    public String toString() {
      return "write lock of " + CompactReadWriteLock.this;
    }
  }

  /**
   * n => n + 1; or READERS_WAIT is set, and it sleeps on the state.
   *
   * <p>Whoever wakes it has changed the word before. If it wakes up and the word is the same, then nobody did, for as
   * long as the healing period. If no writer sleeps either, then whom it waits for gave up or died; or is just awake,
   * to look again as readers do, and asleep a moment later: so it naps before it believes that, and comes in.
   */
  private Acquisition takeToRead(boolean interruptible, long deadline) {
    if (spinToRead()) {
      return Acquisition.ACQUIRED;
    }
    WaitResult last = WaitResult.WOKEN;
    int sleptOn = FREE;
    boolean doubted = false;
    while (true) {
      int word = state.getVolatile();
      if (isReadable(word)) {
        if (state.compareAndSet(word, word + READER)) {
          return Acquisition.ACQUIRED;
        }
        continue;
      }
      checkReaders(word);
      if (last == WaitResult.INTERRUPTED) {
        return Acquisition.INTERRUPTED;
      }
      // At once when its time is over: who never waits as long as the healing period comes in, too.
      boolean abandoned = word == sleptOn && !isWriteLocked(word) && noWriterSleeps();
      if (abandoned && (doubted || last == WaitResult.TIMED_OUT) && rouse(word)) {
        continue;
      }
      if (last == WaitResult.TIMED_OUT) {
        return Acquisition.TIMED_OUT;
      }
      if ((word & READERS_WAIT) == 0 && !state.compareAndSet(word, word | READERS_WAIT)) {
        continue;
      }
      sleptOn = word | READERS_WAIT;
      doubted = abandoned;
      last =
          doubted
              ? Healing.nap(state, sleptOn, interruptible, deadline)
              : Healing.sleep(state, sleptOn, interruptible, deadline);
    }
  }

  /**
   * FREE => WRITER; or WRITERS_WAIT is set, and it sleeps on the sequence.
   *
   * <p>The sequence is read before the last look at the state: who clears WRITERS_WAIT does so before changing the
   * sequence, so a writer either sees that it was cleared, or does not fall asleep. Having slept it cannot know whether
   * other writers still do, so it takes the lock with WRITERS_WAIT.
   */
  private Acquisition takeToWrite(boolean interruptible, long deadline) {
    if (spinToWrite()) {
      return Acquisition.ACQUIRED;
    }
    WaitResult last = WaitResult.WOKEN;
    int others = 0;
    while (true) {
      int word = state.getVolatile();
      if (isFree(word)) {
        if (state.compareAndSet(word, word | WRITER | others)) {
          return Acquisition.ACQUIRED;
        }
        continue;
      }
      if (last == WaitResult.INTERRUPTED || last == WaitResult.TIMED_OUT) {
        giveUp(word);
        return last == WaitResult.INTERRUPTED ? Acquisition.INTERRUPTED : Acquisition.TIMED_OUT;
      }
      if ((word & WRITERS_WAIT) == 0 && !state.compareAndSet(word, word | WRITERS_WAIT)) {
        continue;
      }
      others = WRITERS_WAIT;
      int seen = sequence.getVolatile();
      word = state.getVolatile();
      if (!isFree(word) && (word & WRITERS_WAIT) != 0) {
        last = Healing.sleep(sequence, seen, interruptible, deadline);
      }
    }
  }

  /** Readers that this writer kept out are to come in now, unless others do. Behind a writer they wait anyway. */
  private void giveUp(int word) {
    while ((word & WRITERS_WAIT) != 0 && !isWriteLocked(word) && noWriterSleeps() && !rouse(word)) {
      word = state.getVolatile();
    }
  }

  /**
   * Only the kernel knows. It counts whom it moves to where he sleeps, and that wakes nobody: or the question of one
   * reader would have the next one find the writer awake. A sandbox that counts only whom it wakes is asked by that.
   */
  private boolean noWriterSleeps() {
    return futexes.requeue(sequence, sequence, 0, 1) == 0
        && futexes.wake(sequence, FutexManager.ALL) == 0;
  }

  /**
   * The waiting bits of those that gave up or died go, and all look again.
   *
   * @return false if the word is another by now
   */
  private boolean rouse(int word) {
    if (!state.compareAndSet(word, word & COUNT)) {
      return false;
    }
    wakeWriters(FutexManager.ALL);
    futexes.wake(state, FutexManager.ALL);
    return true;
  }

  private void passOnIfFree(int word) {
    if (isFree(word) && word != FREE) {
      passOn(word);
    }
  }

  /**
   * Nobody holds the lock, and somebody waits.
   *
   * <pre>
   *   WRITERS_WAIT                 => FREE          and a writer is woken
   *   WRITERS_WAIT | READERS_WAIT  => READERS_WAIT  and a writer is woken, or, if none sleeps:
   *   READERS_WAIT                 => FREE          and all readers are woken
   * </pre>
   *
   * <p>No wake-up is lost: who finds the word changed leaves it to those that changed it, since a bit that is set makes
   * whoever takes the lock pass it on again. While a woken writer is on its way READERS_WAIT keeps readers out.
   */
  private void passOn(int word) {
    if (word == WRITERS_WAIT) {
      if (state.compareAndSet(word, FREE)) {
        wakeWriters(1);
        return;
      }
      word = state.getVolatile();
    }
    if (word == (WRITERS_WAIT | READERS_WAIT)) {
      if (!state.compareAndSet(word, READERS_WAIT) || wakeWriters(1) > 0) {
        return;
      }
      word = READERS_WAIT;
    }
    if (word == READERS_WAIT && state.compareAndSet(word, FREE)) {
      futexes.wake(state, FutexManager.ALL);
    }
  }

  private int wakeWriters(int count) {
    sequence.getAndAdd(1);
    return futexes.wake(sequence, count);
  }

  /** Waits a moment, awake, for a writer who is about to give the lock back, unless others sleep already. */
  private boolean spinToRead() {
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      int word = state.getVolatile();
      if (!isFree(word) && hasSleepers(word)) {
        return false;
      }
      if (isReadable(word) && state.compareAndSet(word, word + READER)) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  /** The same, for whoever holds the lock. */
  private boolean spinToWrite() {
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      int word = state.getVolatile();
      if (!isFree(word) && hasSleepers(word)) {
        return false;
      }
      if (isFree(word) && state.compareAndSet(word, word | WRITER)) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  private static boolean isFree(int word) {
    return (word & COUNT) == 0;
  }

  private static boolean isWriteLocked(int word) {
    return (word & COUNT) == WRITER;
  }

  private static boolean isReadLocked(int word) {
    return !isFree(word) && !isWriteLocked(word);
  }

  /** No writer and nobody waits: a bit for that makes the word negative, or greater than any count. */
  private static boolean isReadable(int word) {
    return word >= FREE && word < READERS_MAX;
  }

  private static boolean hasSleepers(int word) {
    return (word & ~COUNT) != 0;
  }

  private void checkReaders(int word) {
    if ((word & COUNT) == READERS_MAX) {
      throw new IllegalStateException(
          READERS_MAX + " readers, expected fewer; did something else write here? " + this);
    }
  }

  /** How many read at this moment, killed ones included. */
  public int getReadLockCount() {
    int word = state.getVolatile();
    return isReadLocked(word) ? word & COUNT : 0;
  }

  /** Whether anybody writes at this moment, or was killed while doing so. */
  public boolean isWriteLocked() {
    return isWriteLocked(state.getVolatile());
  }

  /** {@code "compact read-write lock at offset 64 of /dev/shm/book: 2 readers, writers wait"}. */
  @Override
  public String toString() {
    return "compact read-write lock at offset "
        + state.offset()
        + " of "
        + state.memory()
        + ": "
        + (state.memory().isClosed() ? "closed" : describe(state.getVolatile()));
  }

  private static String describe(int word) {
    String held = "free";
    if (isWriteLocked(word)) {
      held = "a writer";
    } else if (isReadLocked(word)) {
      held = (word & COUNT) + " readers";
    }
    return held
        + ((word & READERS_WAIT) != 0 ? ", readers wait" : "")
        + ((word & WRITERS_WAIT) != 0 ? ", writers wait" : "");
  }
}
