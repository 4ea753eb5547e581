// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * A read-write lock whose holders may be killed: a mutex for who writes, and for each thread that reads a slot of its
 * own, on a cache line of its own, so readers do not slow one another.
 *
 * <pre>
 *    0  writer  robust recursive mutex: held by a writer, inside or waiting for readers; or by a reader in the queue
 *   48  slots   u32  how many follow; written once
 *   52  inside  u32  1 from when a writer has waited for the readers until it gives the lock back
 *   64  slot 0, 128 slot 1, ..        see {@link ReaderSlot}
 * </pre>
 *
 * <p>A reader takes a free slot and then looks at the writer's word; a writer takes the mutex and then looks at all
 * slots. One of the two sees the other: a reader gives way, a writer waits. A reader that gave way, or found no free
 * slot, takes the mutex as a writer would, and a slot while it holds that. So all wait in one queue, as fair as that of
 * {@link SharedMutex}; readers that come while a writer waits do not overtake it, not by {@code tryLock} either. No
 * more read at a time than there are slots.
 *
 * <p>As with {@code ReentrantReadWriteLock} each thread may take again what it holds, and a writer may read, and give
 * the write lock back first. A reader that wants to write gets a {@link DeadlockException}.
 *
 * <p>Memory: what happens before a lock is given back happens before a later lock that excludes it, in any process.
 *
 * <p>A killed reader leaves nothing. After a writer that was killed inside the next one, reader or writer, is told as
 * the owner of a mutex is: {@link WriteLock#acquire} answers {@link Acquisition#OWNER_DIED}; the methods of {@link
 * Lock} run the {@link Recovery}, alone inside, or leave the lock as it was and throw {@link OwnerDiedException}.
 */
public final class SharedReadWriteLock extends Slot implements ReadWriteLock {
  /** As many readers at a time as most machines have CPUs; 16 lines cost a writer some 5 ns to look at. */
  public static final int DEFAULT_READERS = 16;

  /** As many words as a thread can wait for, interruptibly. */
  public static final int READERS_MAX = 127;

  /** The deadline of who does not wait. */
  static final long AT_ONCE = 0;

  private static final int WRITER = MutexLayout.LOCK;
  private static final int SLOTS = 48;
  static final int INSIDE = 52;
  static final int LINE = 64;

  /** How many threads of this JVM are told apart when they choose their first slot. */
  private static final int FAVOURITES = 64;

  private final WriterMutex writer;
  private final ReaderSlot[] slots;

  /** By the thread, roughly: where it read last. Processes begin at different slots, and move on where they meet. */
  private final ReaderSlot[] favourites = new ReaderSlot[FAVOURITES];

  private final ReadLock readLock;
  private final WriteLock writeLock;

  private SharedReadWriteLock(MappedMemory memory, long offset, int readers, Recovery recovery) {
    super(Objects.requireNonNull(memory, "memory"), offset, (int) bytes(readers));
    agreeOnSlots(memory, offset, readers);
    writer = WriterMutex.at(memory, offset, readers, recovery);
    writeLock = new WriteLock(writer);
    slots = new ReaderSlot[readers];
    for (int i = 0; i < readers; i++) {
      slots[i] = new ReaderSlot(memory, offset + slot(i), i, WRITER - slot(i));
    }
    int first = Long.hashCode(ProcessHandle.current().pid());
    for (int i = 0; i < FAVOURITES; i++) {
      favourites[i] = slots[Math.floorMod(first + i, readers)];
    }
    readLock = new ReadLock(favourites[0]);
  }

  /** As {@link #at(MappedMemory, long, int, Recovery)}, for {@link #DEFAULT_READERS} and without a recovery. */
  public static SharedReadWriteLock at(MappedMemory memory, long offset) {
    return at(memory, offset, DEFAULT_READERS, null);
  }

  /**
   * The lock at an offset. Zeros become a free one.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8, and is best one of 64
   * @param readers how many threads can read at a time, 1 to {@link #READERS_MAX}; the same for all who use the lock
   * @param recovery repairs what the lock guards after a writer died inside; or null
   * @throws IllegalArgumentException if there is no room, or something else than such a lock
   * @throws UnsupportedOperationException if this system has no robust mutexes
   */
  public static SharedReadWriteLock at(
      MappedMemory memory, long offset, int readers, Recovery recovery) {
    return new SharedReadWriteLock(memory, offset, readers, recovery);
  }

  /**
   * The same, of the lock that begins at a word.
   *
   * @throws UnsupportedOperationException for a private word: the kernel hands on what processes share
   */
  public static SharedReadWriteLock at(FutexWord word, int readers, Recovery recovery) {
    if (!Objects.requireNonNull(word, "word").isShared()) {
      throw new UnsupportedOperationException(
          "found a private word, expected a shared one, for the kernel to hand on: " + word);
    }
    return at(word.memory(), word.offset(), readers, recovery);
  }

  /**
   * What a lock takes of the memory.
   *
   * @param readers 1 to {@link #READERS_MAX}
   */
  public static long bytes(int readers) {
    if (readers < 1 || readers > READERS_MAX) {
      throw new IllegalArgumentException(
          readers + " readers, expected 1 to " + READERS_MAX + " at a time");
    }
    return slot(readers);
  }

  private static int slot(int index) {
    return LINE + LINE * index;
  }

  private void agreeOnSlots(MappedMemory memory, long offset, int readers) {
    int found = getVolatile(SLOTS);
    if (found == 0) {
      compareAndSet(SLOTS, 0, readers);
      found = getVolatile(SLOTS);
    }
    if (found != readers) {
      throw new IllegalArgumentException(
          "found a read-write lock for "
              + found
              + " readers at offset "
              + offset
              + " of "
              + memory
              + ", expected one for "
              + readers);
    }
  }

  @Override
  public Lock readLock() {
    return readLock;
  }

  @Override
  public WriteLock writeLock() {
    return writeLock;
  }

  private final class ReadLock extends HalfLock {
    /**
     * Of a thread that came lately; in here, where it is one step away. A race costs a look-up, as for {@link
     * SharedMutex}.
     */
    private ReaderSlot recent;

    ReadLock(ReaderSlot first) {
      recent = first;
    }

    /** Where this thread looks first. If it came lately that is known without a look at the thread. */
    private ReaderSlot favourite() {
      ReaderSlot slot = recent;
      return slot.isOfThisThread() ? slot : lookUp();
    }

    /** Only now and then what it finds is the recent one, or threads that read in turns would fight for the field. */
    private ReaderSlot lookUp() {
      ReaderSlot slot = favourites[place()];
      if (slot.isLookedUpOften()) {
        recent = slot;
      }
      return slot;
    }

    /** A slot first, then a look at the writer: the compare-and-set and the read are in that order for all. */
    @Override
    boolean takeAtOnce() {
      ReaderSlot slot = favourite();
      CurrentThread self = slot.self();
      if (slot.tryTake(self) != Acquisition.ACQUIRED) {
        return false;
      }
      if (!slot.isWriterThere()) {
        return true;
      }
      slot.giveBack(self);
      return false;
    }

    @Override
    Acquisition take(boolean interruptible, long deadline) {
      return takeToRead(writer.self(), interruptible, deadline);
    }

    /** Takes the lock if there is a free slot, and no writer inside or waiting. */
    @Override
    public boolean tryLock() {
      return takeAtOnce() || take(false, AT_ONCE) == Acquisition.ACQUIRED;
    }

    /**
     * Gives it back, once, and wakes who waits for the slot.
     *
     * @throws IllegalMonitorStateException if this thread does not read
     */
    @Override
    public void unlock() {
      ReaderSlot slot = favourite();
      CurrentThread self = slot.self();
      if (!slot.isHeldBy(self)) {
        slot = slotOf(self);
        if (slot == null) {
          throw new IllegalMonitorStateException("this thread does not read: " + this);
        }
      }
      slot.giveBackOnce(self);
    }

    @Override
    public String toString() {
      return "read lock of " + SharedReadWriteLock.this;
    }
  }

  /** The lock of who writes. */
  public final class WriteLock extends HalfLock {
    private final WriterMutex mutex; // in here, where it is one step away

    private WriteLock(WriterMutex mutex) {
      this.mutex = mutex;
    }

    /** What follows begins with it, and can go on from where it ended. */
    @Override
    boolean takeAtOnce() {
      return false;
    }

    @Override
    Acquisition take(boolean interruptible, long deadline) {
      CurrentThread self = mutex.self();
      return mutex.settle(self, take(self, interruptible, deadline));
    }

    private Acquisition take(CurrentThread self, boolean interruptible, long deadline) {
      Acquisition result = mutex.tryTake(self);
      if (result == Acquisition.ACQUIRED && isNobodyReading(self)) {
        mutex.goInside();
        return result;
      }
      return waitToWrite(self, result, interruptible, deadline);
    }

    private boolean isNobodyReading(CurrentThread self) {
      try {
        return mutex.isNobodyReading();
      } catch (RuntimeException e) {
        leaveQueue(self);
        throw e;
      }
    }

    /** Takes the lock if nobody holds it, or this thread writes already. */
    @Override
    public boolean tryLock() {
      return take(false, AT_ONCE) == Acquisition.ACQUIRED;
    }

    /**
     * Takes the lock, sleeping until it can; an interrupt has to wait.
     *
     * @return {@link Acquisition#ACQUIRED}, or {@link Acquisition#OWNER_DIED}: then this thread writes, too, and what
     *     the lock guards may be half changed; repair it and call {@link #makeConsistent}. Unlocked without that, the
     *     next one is told the same.
     * @throws DeadlockException if this thread reads
     */
    public Acquisition acquire() {
      return acquire(Deadline.NONE);
    }

    /** As {@link #acquire()}, until a {@link Deadline}; or {@link Acquisition#TIMED_OUT}. */
    public Acquisition acquire(long deadline) {
      return take(mutex.self(), false, deadline);
    }

    /** As {@link #acquire(long)}, and until an interrupt: {@link Acquisition#INTERRUPTED}, the status stays set. */
    public Acquisition acquireInterruptibly(long deadline) {
      return take(mutex.self(), true, deadline);
    }

    /** As {@link #acquire()}, without waiting: {@link Acquisition#TIMED_OUT} if anybody else holds the lock. */
    public Acquisition tryAcquire() {
      return acquire(AT_ONCE);
    }

    /**
     * Says that what the lock guards is whole again, after {@link Acquisition#OWNER_DIED}.
     *
     * @throws IllegalMonitorStateException if this thread does not write
     * @throws IllegalStateException if no writer died
     */
    public void makeConsistent() {
      mutex.makeConsistent();
    }

    /**
     * Gives it back, once, and wakes one who waits.
     *
     * @throws IllegalMonitorStateException if this thread does not write
     */
    @Override
    public void unlock() {
      CurrentThread self = mutex.self();
      if (!mutex.isHeldBy(self)) {
        throw new IllegalMonitorStateException("this thread does not write: " + this);
      }
      int holds = mutex.count();
      if (holds > 1) {
        mutex.setCount(holds - 1);
      } else if (mutex.isInconsistent()) {
        mutex.decline();
      } else {
        mutex.goOutside();
        mutex.giveBack(self);
      }
    }

    @Override
    public String toString() {
      return "write lock of " + SharedReadWriteLock.this;
    }
  }

  /** Again; or as a writer that reads; or any slot, while no writer is there; or in the queue. */
  private Acquisition takeToRead(CurrentThread self, boolean interruptible, long deadline) {
    ReaderSlot own = slotOf(self);
    if (own != null) {
      own.holdAgain();
      return Acquisition.ACQUIRED;
    }
    if (writer.isHeldBy(self)) {
      return takeAnySlot(self, interruptible, deadline);
    }
    ReaderSlot slot = tryAnySlot(self);
    if (slot != null) {
      if (!slot.isWriterThere()) {
        favourites[place()] = slot;
        return Acquisition.ACQUIRED;
      }
      slot.giveBack(self);
    }
    return queueToRead(self, interruptible, deadline);
  }

  /** A reader that meets a dead writer does what the next writer would do. */
  private Acquisition queueToRead(CurrentThread self, boolean interruptible, long deadline) {
    Acquisition result = takeMutex(self, interruptible, deadline);
    if (result == Acquisition.OWNER_DIED) {
      result = writer.settle(self, awaitReaders(self, result, interruptible, deadline));
      if (result == Acquisition.ACQUIRED) {
        writer.goOutside();
      }
    }
    if (result != Acquisition.ACQUIRED) {
      return result;
    }
    try {
      return takeAnySlot(self, interruptible, deadline);
    } finally {
      writer.giveBack(self);
    }
  }

  /** After a first attempt at the mutex: that again, or in the queue, and then until nobody reads. */
  private Acquisition waitToWrite(
      CurrentThread self, Acquisition first, boolean interruptible, long deadline) {
    Acquisition result = first;
    if (first == Acquisition.TIMED_OUT) {
      if (writer.isHeldBy(self)) {
        writer.holdAgain();
        return Acquisition.ACQUIRED;
      }
      if (deadline != AT_ONCE && slotOf(self) != null) {
        throw new DeadlockException(
            "this thread reads; give the read lock back before taking the " + writeLock);
      }
      result = takeMutex(self, interruptible, deadline);
    }
    result = awaitReaders(self, unlessOutside(result), interruptible, deadline);
    if (result == Acquisition.ACQUIRED) {
      writer.goInside();
    }
    return result;
  }

  private Acquisition takeMutex(CurrentThread self, boolean interruptible, long deadline) {
    Acquisition result = writer.tryTake(self);
    if (result == Acquisition.TIMED_OUT && deadline != AT_ONCE) {
      result = writer.take(self, false, interruptible, deadline);
    }
    return unlessOutside(result);
  }

  /** Who died holding the mutex, and not inside, changed nothing. */
  private Acquisition unlessOutside(Acquisition result) {
    if (result != Acquisition.OWNER_DIED || writer.isInside()) {
      return result;
    }
    writer.makeConsistent();
    return Acquisition.ACQUIRED;
  }

  /** If the mutex was taken: waits until nobody reads, or gives it back as it was. */
  private Acquisition awaitReaders(
      CurrentThread self, Acquisition taken, boolean interruptible, long deadline) {
    if (taken != Acquisition.ACQUIRED && taken != Acquisition.OWNER_DIED) {
      return taken;
    }
    Acquisition result = Acquisition.ACQUIRED;
    try {
      for (int i = 0; i < slots.length && result == Acquisition.ACQUIRED; i++) {
        result = slots[i].awaitFree(self, interruptible, deadline);
      }
    } catch (RuntimeException e) {
      leaveQueue(self);
      throw e;
    }
    if (result == Acquisition.ACQUIRED) {
      return taken;
    }
    leaveQueue(self);
    return result;
  }

  private void leaveQueue(CurrentThread self) {
    if (writer.isInconsistent()) {
      writer.decline(self);
    } else {
      writer.giveBack(self);
    }
  }

  /** For who holds the mutex, so that nobody else sleeps on a slot: sleeps until one is free. */
  private Acquisition takeAnySlot(CurrentThread self, boolean interruptible, long deadline) {
    for (WaitResult last = WaitResult.WOKEN; ; last = sleep(interruptible, deadline)) {
      ReaderSlot slot = tryAnySlot(self);
      if (slot != null) {
        favourites[place()] = slot;
        return Acquisition.ACQUIRED;
      }
      if (last == WaitResult.INTERRUPTED) {
        return Acquisition.INTERRUPTED;
      }
      if (last == WaitResult.TIMED_OUT || deadline == AT_ONCE) {
        return Acquisition.TIMED_OUT;
      }
    }
  }

  private WaitResult sleep(boolean interruptible, long deadline) {
    FutexWord[] words = new FutexWord[slots.length];
    int[] expected = new int[slots.length];
    for (int i = 0; i < slots.length; i++) {
      words[i] = slots[i].state;
      expected[i] = slots[i].markForSleep();
      if (expected[i] == OwnedMutex.FREE) {
        return WaitResult.VALUE_CHANGED;
      }
    }
    return Healing.sleepAny(words, expected, interruptible, deadline);
  }

  /** A free slot, taken; the nearest to the favourite. Null if there is none. */
  private ReaderSlot tryAnySlot(CurrentThread self) {
    int first = readLock.favourite().index;
    for (int i = 0; i < slots.length; i++) {
      ReaderSlot slot = slots[(first + i) % slots.length];
      if (slot.tryTakeFree(self)) {
        return slot;
      }
    }
    return null;
  }

  /** A slot that this thread holds, or null. */
  private ReaderSlot slotOf(CurrentThread self) {
    for (ReaderSlot slot : slots) {
      if (slot.isHeldBy(self)) {
        return slot;
      }
    }
    return null;
  }

  private static int place() {
    return (int) Thread.currentThread().getId() & FAVOURITES - 1;
  }

  /** How often the lock is held to read at this moment. */
  public int getReadLockCount() {
    int count = 0;
    for (ReaderSlot slot : slots) {
      count += slot.holds();
    }
    return count;
  }

  /** How often the calling thread holds it to read. */
  public int getReadHoldCount() {
    CurrentThread self = CurrentThread.get();
    int count = 0;
    for (ReaderSlot slot : slots) {
      count += self.tid != CurrentThread.NO_TID && slot.isHeldBy(self) ? slot.holds() : 0;
    }
    return count;
  }

  /** Whether anybody writes at this moment. */
  public boolean isWriteLocked() {
    return writer.isLocked() && writer.isInside();
  }

  /** Whether the calling thread does. */
  public boolean isWriteLockedByCurrentThread() {
    return writer.isHeldByCurrentThread();
  }

  /** How often the calling thread holds it to write. */
  public int getWriteHoldCount() {
    return writer.getHoldCount();
  }

  /** {@code "read-write lock at offset 64 of /dev/shm/book: 2 of 16 slots taken, .."}, and the writer's mutex. */
  @Override
  public String toString() {
    if (writer.state.memory().isClosed()) {
      return "read-write lock, closed";
    }
    int taken = 0;
    for (ReaderSlot slot : slots) {
      taken += slot.holds() > 0 ? 1 : 0;
    }
    return "read-write lock at offset "
        + writer.state.offset()
        + " of "
        + writer.state.memory()
        + ": "
        + (isWriteLocked() ? "a writer inside, " : "")
        + taken
        + " of "
        + slots.length
        + " slots taken; the writers' mutex is "
        + writer.describe();
  }
}
