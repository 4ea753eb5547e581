// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.Deadline;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind.Again;

/**
 * A mutex for threads of several processes, in Java or C: a process-shared {@code pthread_mutex_t} in mapped memory.
 *
 * <p>A kind is two things that combine: what happens when the owner takes it again ({@link MutexKind.Again}), which is
 * in here, and how the word is taken, which is in {@link PlainMutex}, {@link RobustMutex} and {@link PiMutex}. Who is
 * not the owner cannot unlock.
 *
 * <p>Fairness: none; who comes while the mutex is free takes it, even if others slept before. With priority inheritance
 * the most urgent thread that sleeps gets it, then the one that came first.
 *
 * <p>Memory: what happens before {@code unlock} happens before a later {@code lock} returns, in any process.
 *
 * <p>When its owner dies, a mutex that is not robust stays held. A robust one is handed on by the kernel, and the next
 * owner is told: {@link #acquire} answers {@link Acquisition#OWNER_DIED}. The methods of {@link Lock} have no such
 * answer: they run the {@link Recovery} that the mutex was built with, or, without one, give the mutex back as they got
 * it and throw {@link OwnerDiedException}. A robust PI mutex cannot be given back so; there they need a recovery.
 *
 * <p>Only platform threads can own a mutex; a virtual one is refused, but by the normal kind. Nor can a future: {@link
 * SharedSemaphore#acquireAsync} of one permit is what comes closest.
 */
public abstract sealed class SharedMutex extends WordProtocol implements Lock
    permits PlainMutex, OwnedMutex {
  /** What a mutex takes of the memory; on a cache line of 64 of its own it is fastest. */
  public static final int BYTES = MutexLayout.BYTES;

  private static final int HOLDS_MAX = Integer.MAX_VALUE;

  private final MutexKind kind;
  private final boolean ownedByTid;
  private final Recovery recovery; // or null
  private final boolean needsRecovery;
  private CurrentThread last = CurrentThread.NOBODY; // who came lately; see self()
  private CurrentThread declining; // the owner, if its unlock() is to decline

  SharedMutex(MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    super(memory, offset, kind);
    this.kind = kind;
    this.ownedByTid = kind.isOwnedByThreadId();
    this.recovery = recovery;
    this.needsRecovery = recovery == null && kind.robust() && kind.priorityInheritance();
  }

  /**
   * The mutex at an offset, of the {@linkplain MutexKind#DEFAULT default kind}: robust, and error-check. Zeros become
   * a free one.
   */
  public static SharedMutex at(MappedMemory memory, long offset) {
    return at(memory, offset, MutexKind.DEFAULT);
  }

  /** As {@link #at(MappedMemory, long, MutexKind, Recovery)}, without a recovery. */
  public static SharedMutex at(MappedMemory memory, long offset, MutexKind kind) {
    return at(memory, offset, kind, null);
  }

  /**
   * The mutex at an offset. If the {@link #BYTES} there are zeros they become a free mutex, by one compare-and-set: of
   * those who come at the same moment one makes it, and all get it.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @param recovery repairs what the mutex guards after its owner died; or null
   * @throws IllegalArgumentException if there is no room, or something else than a mutex of this kind
   * @throws UnsupportedOperationException if this system cannot offer the kind
   */
  public static SharedMutex at(
      MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    Objects.requireNonNull(memory, "memory");
    checkOffered(Objects.requireNonNull(kind, "kind"));
    MutexLayout.findOrCreate(memory, offset, kind);
    return of(memory, offset, kind, recovery);
  }

  /**
   * The mutex at an offset of a direct buffer, for instance one that another library mapped.
   *
   * @see MappedMemory#wrap
   */
  public static SharedMutex at(ByteBuffer direct, int offset, MutexKind kind) {
    return at(MappedMemory.wrap(direct), offset, kind);
  }

  /** As {@link #adopt(MappedMemory, long, Recovery)}, without a recovery. */
  public static SharedMutex adopt(MappedMemory memory, long offset) {
    return adopt(memory, offset, null);
  }

  /**
   * The mutex that is at an offset, made by {@code pthread_mutex_init} in C or by {@link #at}, of whatever kind.
   *
   * @throws IllegalArgumentException if it is process-private, priority-protected, or none at all
   */
  public static SharedMutex adopt(MappedMemory memory, long offset, Recovery recovery) {
    MutexKind kind = MutexLayout.kindAt(Objects.requireNonNull(memory, "memory"), offset);
    checkOffered(kind);
    return of(memory, offset, kind, recovery);
  }

  private static SharedMutex of(
      MappedMemory memory, long offset, MutexKind kind, Recovery recovery) {
    if (kind.priorityInheritance()) {
      return new PiMutex(memory, offset, kind, recovery);
    }
    return kind.robust()
        ? new RobustMutex(memory, offset, kind, recovery)
        : new PlainMutex(memory, offset, kind, recovery);
  }

  /** Fails now, and not when the mutex is locked. */
  static void checkOffered(MutexKind kind) {
    if (!kind.isOwnedByThreadId()) {
      return;
    }
    if (!FutexSyscalls.isExpected()) {
      throw new UnsupportedOperationException(
          "without the kernel there are no thread ids that mean the same in every process; found kind "
              + kind
              + ", expected normal");
    }
    KernelFeatures features = FutexSyscalls.system().features();
    if (kind.priorityInheritance() && !features.lockPi()) {
      throw new UnsupportedOperationException(
          "this kernel or sandbox offers no FUTEX_LOCK_PI, which kind " + kind + " needs");
    }
    if (kind.robust() && !features.robustList()) {
      throw new UnsupportedOperationException(
          "the C library keeps no robust list as glibc does, which kind " + kind + " needs");
    }
  }

  /**
   * The calling thread, mostly without the look-up of a thread-local, which costs as much as a compare-and-set on JDK
   * 25 when it stands between two of them. A race costs that look-up; fields of the object are final or its own
   * thread's.
   */
  final CurrentThread self() {
    CurrentThread self = last;
    return self.thread == Thread.currentThread() ? self : lookUp();
  }

  /** Whether {@link #self} needs no look-up. */
  final boolean isOfThisThread() {
    return last.thread == Thread.currentThread();
  }

  private CurrentThread lookUp() {
    CurrentThread self = CurrentThread.get();
    if (self.tid == CurrentThread.NO_TID && ownedByTid) {
      throw new UnsupportedOperationException(
          "found a virtual thread, expected a platform thread: a mutex of kind "
              + kind
              + " knows its owner by kernel thread id");
    }
    // Threads that contend would take this object's cache line from one another, each time.
    if (last == CurrentThread.NOBODY || self.isSeldom()) {
      last = self;
    }
    return self;
  }

  /**
   * Takes the mutex, sleeping until it is free; an interrupt has to wait.
   *
   * @throws DeadlockException if this thread holds it and it checks for that
   * @throws OwnerDiedException if its owner died and there is no recovery; this thread does not hold it
   * @throws NotRecoverableException if nobody repaired what a dead owner left
   */
  @Override
  public void lock() {
    checkRecovery();
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    if (result != Acquisition.ACQUIRED) {
      settle(self, contend(self, result, false, Deadline.NONE));
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    checkRecovery();
    Interrupts.throwIfInterrupted(this);
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    if (result != Acquisition.ACQUIRED) {
      result = settle(self, contend(self, result, true, Deadline.NONE));
      Interrupts.throwIf(result == Acquisition.INTERRUPTED, this);
    }
  }

  /** Takes the mutex if it is free, or, if it is recursive, this thread's own. */
  @Override
  public boolean tryLock() {
    checkRecovery();
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    return result == Acquisition.ACQUIRED
        || settle(self, result) == Acquisition.ACQUIRED
        || recursive && isHeldBy(self) && holdAgain();
  }

  @Override
  public boolean tryLock(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    if (tryLock()) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    CurrentThread self = self();
    Acquisition result =
        settle(self, contend(self, Acquisition.TIMED_OUT, true, Deadline.after(timeout, unit)));
    Interrupts.throwIf(result == Acquisition.INTERRUPTED, this);
    return result == Acquisition.ACQUIRED;
  }

  /**
   * Takes the mutex, sleeping until it is free; an interrupt has to wait.
   *
   * @return {@link Acquisition#ACQUIRED} or {@link Acquisition#OWNER_DIED}; either way this thread holds it
   */
  public Acquisition acquire() {
    return acquire(Deadline.NONE);
  }

  /** As {@link #acquire()}, until a {@link Deadline}; or {@link Acquisition#TIMED_OUT}. */
  public Acquisition acquire(long deadline) {
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    return result == Acquisition.ACQUIRED ? result : contend(self, result, false, deadline);
  }

  /** As {@link #acquire(long)}, and until an interrupt: {@link Acquisition#INTERRUPTED}, the status stays set. */
  public Acquisition acquireInterruptibly(long deadline) {
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    return result == Acquisition.ACQUIRED ? result : contend(self, result, true, deadline);
  }

  /** As {@link #acquire()}, without waiting: {@link Acquisition#TIMED_OUT} if another thread holds it. */
  public Acquisition tryAcquire() {
    CurrentThread self = self();
    Acquisition result = tryTake(self);
    return result == Acquisition.TIMED_OUT && recursive && isHeldBy(self) && holdAgain()
        ? Acquisition.ACQUIRED
        : result;
  }

  /** After a first attempt: does what the kind says to its owner, or waits. */
  private Acquisition contend(
      CurrentThread self, Acquisition first, boolean interruptible, long deadline) {
    if (first != Acquisition.TIMED_OUT) {
      return first;
    }
    if (self.repair()) {
      Acquisition second = tryTake(self);
      if (second != Acquisition.TIMED_OUT) {
        return second;
      }
    }
    if (kind.again() != Again.NORMAL && isHeldBy(self)) {
      if (recursive) {
        holdAgain();
        return Acquisition.ACQUIRED;
      }
      throw new DeadlockException("this thread holds it already: " + this);
    }
    return take(self, false, interruptible, deadline);
  }

  final boolean holdAgain() {
    int holds = count();
    if (holds == HOLDS_MAX) {
      // ReentrantLock throws an Error; here a stranger may have written the count.
      throw new IllegalStateException("held " + holds + " times, expected no more: " + this);
    }
    setCount(holds + 1);
    return true;
  }

  /** What became of OWNER_DIED for those who cannot return it. */
  final Acquisition settle(CurrentThread self, Acquisition result) {
    if (result != Acquisition.OWNER_DIED) {
      return result;
    }
    if (recovery == null) {
      decline(self);
      throw ownerDied(
          kind.robust()
              ? "this thread does not hold it, and the next one will be told the same"
              : "this thread does not hold it, and nobody else will be told");
    }
    boolean recovered = false;
    try {
      recovery.recover(this);
      recovered = true;
    } finally {
      if (!recovered && isHeldByCurrentThread()) {
        decline(self);
      }
    }
    if (isInconsistent()) {
      makeConsistent();
    }
    return Acquisition.ACQUIRED;
  }

  private OwnerDiedException ownerDied(String consequence) {
    return new OwnerDiedException(
        "its owner died; "
            + consequence
            + ". Fix: build the mutex with a Recovery, or use acquire(): "
            + this);
  }

  private void checkRecovery() {
    if (needsRecovery) {
      throw new IllegalStateException(
          "the owner of a robust PI mutex may die, and then it cannot be given back as it was: build it with a"
              + " Recovery, or use acquire(): "
              + this);
    }
  }

  /**
   * Gives the mutex back and wakes one who sleeps, or some after a signal to all; a recursive one when it was called as
   * often as it was taken. One that is still inconsistent becomes not recoverable, for ever.
   *
   * @throws IllegalMonitorStateException if this thread does not hold it, and it stays as it is
   */
  @Override
  public void unlock() {
    CurrentThread self = owner("unlock");
    if (recursive) {
      int holds = count();
      if (holds != 1) {
        checkHolds(holds);
        setCount(holds - 1);
        return;
      }
    }
    if (declining == self && isToDecline()) {
      decline(self);
    } else {
      giveBack(self);
    }
  }

  /** Unless it was given back meanwhile through another object. */
  private boolean isToDecline() {
    declining = null;
    return isInconsistent();
  }

  private void checkHolds(int holds) {
    if (holds <= 0) {
      throw new CorruptMutexException(
          "found count " + holds + " where this thread holds it, expected at least 1: " + this);
    }
  }

  private CurrentThread owner(String operation) {
    CurrentThread self = self();
    if (!isHeldBy(self)) {
      throw new IllegalMonitorStateException(
          operation + ": expected a mutex that this thread holds, found " + this);
    }
    return self;
  }

  /**
   * Says that what the mutex guards is whole again, after {@link Acquisition#OWNER_DIED}.
   *
   * @throws IllegalMonitorStateException if this thread does not hold it
   * @throws IllegalStateException if its owner did not die
   */
  public void makeConsistent() {
    CurrentThread self = owner("makeConsistent");
    if (!isInconsistent()) {
      throw notDied();
    }
    declining = null;
    setOwner(self.tid);
  }

  /**
   * Gives back a mutex whose owner died, unrepaired: the next owner, in C too, is told the same.
   *
   * @throws IllegalMonitorStateException if this thread does not hold it
   * @throws IllegalStateException if its owner did not die
   * @throws UnsupportedOperationException with priority inheritance: the kernel hands it on without the mark
   */
  public void decline() {
    CurrentThread self = owner("decline");
    if (!isInconsistent()) {
      throw notDied();
    }
    if (kind.priorityInheritance()) {
      throw new UnsupportedOperationException(
          "the kernel would hand a PI mutex on without a word about the dead owner; make it consistent,"
              + " or unlock it, and it is not recoverable: "
              + this);
    }
    declining = null;
    decline(self);
  }

  private IllegalStateException notDied() {
    return new IllegalStateException(
        "expected a mutex whose owner died, found a consistent one: " + this);
  }

  /** Conditions have words of their own in the memory, so they need to be told where: {@link SharedCondition#at}. */
  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException(
        "a condition needs a place in the memory: SharedCondition.at(memory, offset, mutex)");
  }

  /** Gives the mutex back entirely, for a condition; how often it was held. */
  int releaseForWait() {
    CurrentThread self = owner("await");
    checkRecovery();
    if (isInconsistent()) {
      throw new IllegalStateException(
          "its owner died: make it consistent before waiting for a condition: " + this);
    }
    int holds = recursive ? count() : 1;
    checkHolds(holds);
    giveBack(self);
    return holds;
  }

  /**
   * Takes the mutex again, as one to whom sleepers may have been requeued.
   *
   * @throws OwnerDiedException while holding it; unlock() will decline
   */
  void takeAfterWait(CurrentThread self, int holds) {
    Acquisition result = take(self, true, false, Deadline.NONE);
    if (recursive) {
      setCount(holds);
    }
    if (result != Acquisition.OWNER_DIED) {
      return;
    }
    if (recovery == null) {
      declining = self;
      throw ownerDied(
          "this thread holds it, as await() must; unlocking it tells "
              + (kind.robust() ? "the next one the same" : "nobody"));
    }
    boolean recovered = false;
    try {
      recovery.recover(this);
      recovered = true;
    } finally {
      declining = recovered ? null : self;
    }
    if (isInconsistent()) {
      makeConsistent();
    }
  }

  /** Throws unless the calling thread holds the mutex. */
  void checkHeld(String operation) {
    owner(operation);
  }

  /** Of what kind it is. */
  public MutexKind kind() {
    return kind;
  }

  /** Whether anybody holds the mutex at this moment. */
  public boolean isLocked() {
    return isHeld(state.getVolatile());
  }

  /** Whether the calling thread holds it. */
  public boolean isHeldByCurrentThread() {
    CurrentThread self = CurrentThread.get();
    return (self.tid != CurrentThread.NO_TID || !ownedByTid) && isHeldBy(self);
  }

  /** How often the calling thread holds it: more than once only if it is recursive. */
  public int getHoldCount() {
    if (!isHeldByCurrentThread()) {
      return 0;
    }
    return recursive ? count() : 1;
  }

  /** Who holds it at this moment, as far as this process can see. */
  public Optional<MutexOwner> owner() {
    int tid = ownerTid(state.getVolatile());
    return tid == MutexLayout.NO_OWNER ? Optional.empty() : Optional.of(MutexOwner.of(tid));
  }

  /** {@code "robust error-check mutex at offset 64 of /dev/shm/book: held by thread 42 of process 40 (matcher)"}. */
  @Override
  public String toString() {
    return kind
        + " mutex at offset "
        + state.offset()
        + " of "
        + state.memory()
        + ": "
        + describe();
  }

  /** The last part of {@link #toString}. */
  final String describe() {
    if (state.memory().isClosed()) {
      return "closed";
    }
    int value = state.getVolatile();
    String held = "free";
    if (isHeld(value)) {
      int tid = ownerTid(value);
      held = tid == MutexLayout.NO_OWNER ? "held" : "held by " + MutexOwner.of(tid);
    } else if (value != 0) {
      held = "free, its owner died";
    }
    String sleepers = hasSleepers(value) ? ", others wait" : "";
    return held
        + sleepers
        + switch (ownerField()) {
          case MutexLayout.OWNER_INCONSISTENT -> ", inconsistent";
          case MutexLayout.OWNER_NOT_RECOVERABLE -> ", not recoverable";
          default -> "";
        };
  }
}
