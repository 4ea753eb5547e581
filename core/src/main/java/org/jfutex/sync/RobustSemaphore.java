// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * A semaphore for threads of several processes whose permits come back when their holders die.
 *
 * <pre>
 *    0            permits  u32  how many there are; written once, by the first who comes
 *   64 + 64 * i   permit   the word and the entry of a robust {@link SharedMutex}: held, or free; set by taking it,
 *                          cleared by giving it back, and by the kernel when its holder dies
 * </pre>
 *
 * <p>A permit belongs to the thread that acquired it: no other can release it. A platform thread it must be, and all
 * the permits that it holds count as robust mutexes, of which the kernel looks at 2048. Nobody is told that a holder
 * died. All-zero bytes are the initial state.
 *
 * <p>Fairness: none; who comes while a permit is free takes it. Memory: what happens before {@code release} happens
 * before a later {@code acquire} of that permit returns, in any process.
 *
 * <p>Who waits sleeps on all permits at once, on 127 of them if there are more. Before, it marks each with {@code
 * WAITERS}, so that giving it back wakes one. Two given back at the same moment may wake the same sleeper; so who slept
 * owes the others two things: see {@link #passOn}. A wake-up that died with its receiver, and a permit beyond the 127,
 * are found by looking again ({@code -Djfutex.healing=MILLIS}, 500 unless set).
 */
public final class RobustSemaphore extends Slot {
  private static final int PERMITS = 0;
  private static final int LINE = 64;
  private static final int PERMITS_MAX = (Integer.MAX_VALUE - LINE) / LINE;
  private static final MutexKind KIND = MutexKind.NORMAL.robust(true);

  /** One less than the kernel takes, for an interruptible wait needs one itself. */
  private static final int SLEPT_ON_MAX = LinuxAbi.FUTEX_WAITV_MAX - 1;

  private static final long PID = ProcessHandle.current().pid();

  private final FutexWord start;
  private final RobustSlot[] permits;
  private final FutexWord[] words; // of the permits
  private final FutexManager futexes = FutexManager.system();
  private final Spin spin = new Spin();

  /**
   * Where a thread that came lately looks first. It is one step away, and says whose it is, as for {@link
   * SharedReadWriteLock}: reckoning it stands between two locked instructions. A race costs a look-up.
   */
  private RobustSlot recent;

  private RobustSemaphore(FutexWord start, int permits) {
    super(start.memory(), start.offset(), (int) bytes(permits));
    this.start = start;
    if (getPlain(PERMITS) == 0) {
      compareAndSet(PERMITS, 0, permits);
    }
    int found = getPlain(PERMITS);
    if (found != permits) {
      throw new IllegalArgumentException(
          "found a semaphore of "
              + Integer.toUnsignedString(found)
              + " permits at "
              + start
              + ", expected "
              + permits);
    }
    this.permits = new RobustSlot[permits];
    words = new FutexWord[permits];
    for (int i = 0; i < permits; i++) {
      this.permits[i] = new RobustSlot(start.memory(), start.offset() + bytes(i), KIND);
      words[i] = this.permits[i].state;
    }
    recent = this.permits[preferred()];
  }

  /** What a semaphore of so many permits takes of the memory. */
  public static long bytes(int permits) {
    return LINE + (long) permits * LINE;
  }

  /** As {@link #at(FutexWord, int)}, of the shared word at an offset. */
  public static RobustSemaphore at(MappedMemory memory, long offset, int permits) {
    return at(Objects.requireNonNull(memory, "memory").word(offset), permits);
  }

  /**
   * The semaphore that begins at a word; zeros become one.
   *
   * @param word shared, at an address that is a multiple of 8, of 64 for the best
   * @param permits how many there are, at least 1; for all who open it the same
   * @throws IllegalArgumentException if there is no room, or something else, such as one with another number of permits
   * @throws UnsupportedOperationException on a private word, and if this system has no robust mutexes
   */
  public static RobustSemaphore at(FutexWord word, int permits) {
    if (permits < 1 || permits > PERMITS_MAX) {
      throw new IllegalArgumentException(permits + " permits, expected 1 to " + PERMITS_MAX);
    }
    if (!Objects.requireNonNull(word, "word").isShared()) {
      throw new UnsupportedOperationException(
          "found a private word, expected a shared one: the kernel hands on permits in shared memory. Fix:"
              + " memory.word(offset), or a SharedSemaphore");
    }
    SharedMutex.checkOffered(KIND);
    return new RobustSemaphore(word, permits);
  }

  /** Takes a permit, sleeping until one is free or the thread is interrupted. */
  public void acquire() throws InterruptedException {
    Interrupts.throwIfInterrupted(this);
    if (!tryAcquire()) {
      Interrupts.throwIf(sleep(true, Deadline.NONE) == WaitResult.INTERRUPTED, this);
    }
  }

  /** Takes a permit, sleeping until one is free; an interrupt has to wait. */
  public void acquireUninterruptibly() {
    if (!tryAcquire()) {
      sleep(false, Deadline.NONE);
    }
  }

  /** Takes a permit if one is free. */
  public boolean tryAcquire() {
    RobustSlot permit = nearest();
    CurrentThread self = permit.self();
    return permit.tryTakeFree(self) || tryTakeAny(self);
  }

  /** Takes a permit, sleeping until one is free, for so long, or until the thread is interrupted. */
  public boolean tryAcquire(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Interrupts.throwIfInterrupted(this);
    if (tryAcquire()) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    WaitResult result = sleep(true, Deadline.after(timeout, unit));
    Interrupts.throwIf(result == WaitResult.INTERRUPTED, this);
    return result == WaitResult.WOKEN;
  }

  /**
   * Takes so many permits, or none. There is no waiting for several: those who hold a part of what they want would wait
   * for each other for ever.
   */
  public boolean tryAcquire(int permits) {
    checkNotNegative(permits);
    for (int taken = 0; taken < permits; taken++) {
      if (!tryAcquire()) {
        release(taken);
        return false;
      }
    }
    return true;
  }

  private boolean tryTakeAny(CurrentThread self) {
    checkOpen();
    int preferred = preferred();
    for (int i = preferred; i < permits.length; i++) {
      if (permits[i].tryTakeFree(self)) {
        return true;
      }
    }
    for (int i = 0; i < preferred; i++) {
      if (permits[i].tryTakeFree(self)) {
        return true;
      }
    }
    return false;
  }

  /** Where this thread looks first. If it came lately that is known without a look at the thread. */
  private RobustSlot nearest() {
    RobustSlot permit = recent;
    return permit.isOfThisThread() ? permit : lookUp();
  }

  private RobustSlot lookUp() {
    RobustSlot permit = permits[preferred()];
    if (permit.isLookedUpOften()) {
      recent = permit;
    }
    return permit;
  }

  /** So that threads that take one permit each do not meet, nor do processes of one thread each. */
  private int preferred() {
    return Math.floorMod(PID + Thread.currentThread().getId(), permits.length);
  }

  /** Waits a moment, awake, for somebody who is about to give a permit back, unless others sleep already. */
  private boolean spin(CurrentThread self) {
    RobustSlot preferred = permits[preferred()];
    int limit = spin.limit();
    for (int pauses = 1; pauses <= limit; pauses *= 2) {
      Spin.pause(pauses);
      if (preferred.hasSleepers(preferred.state.getVolatile())) {
        return false;
      }
      if (tryTakeAny(self)) {
        spin.helped(limit);
        return true;
      }
    }
    spin.wasInVain(limit);
    return false;
  }

  /**
   * All held => all held and marked, and it sleeps; one free => this thread's, and it passes on what it owes.
   *
   * @return WOKEN with a permit, TIMED_OUT or INTERRUPTED without
   */
  private WaitResult sleep(boolean interruptible, long deadline) {
    CurrentThread self = nearest().self();
    if (spin(self)) {
      return WaitResult.WOKEN;
    }
    int[] values = new int[permits.length];
    boolean slept = false;
    WaitResult last = WaitResult.WOKEN;
    try {
      while (true) {
        if (tryTakeAny(self)) {
          if (slept) {
            passOn();
          }
          return WaitResult.WOKEN;
        }
        if (!markAll(values)) {
          continue;
        }
        if (last == WaitResult.TIMED_OUT || last == WaitResult.INTERRUPTED) {
          return last;
        }
        slept = true;
        last = sleepWhile(values, interruptible, deadline);
      }
    } catch (RuntimeException e) {
      wakeOneOfEach(); // what woke this thread may have been meant for another process
      throw e;
    }
  }

  private WaitResult sleepWhile(int[] values, boolean interruptible, long deadline) {
    if (permits.length <= SLEPT_ON_MAX) {
      return Healing.sleepAny(words, values, interruptible, deadline);
    }
    int from = Math.min(preferred(), permits.length - SLEPT_ON_MAX);
    int to = from + SLEPT_ON_MAX;
    return Healing.sleepAny(
        Arrays.copyOfRange(words, from, to),
        Arrays.copyOfRange(values, from, to),
        interruptible,
        deadline);
  }

  /**
   * Sees to it that giving back any permit wakes one who sleeps.
   *
   * @param values what the words hold then
   * @return false if one is free
   */
  private boolean markAll(int[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = permits[i].markForSleep();
      if (values[i] == RobustSlot.FREE) {
        return false;
      }
    }
    return true;
  }

  /**
   * What a thread that slept and took a permit owes those who sleep on: it may have been woken for other permits, too.
   * Each that is held it marks, its own included, since the mark went when the permit was given back; so giving it back
   * wakes one. If one is free it wakes one who sleeps there, who then owes the same. Who finds all held again owes
   * nothing: it marked them before it sleeps, or gives up.
   *
   * <p>Everybody sleeps on every permit, unless they are too many, so one free permit tells whether anybody sleeps.
   */
  private void passOn() {
    try {
      for (RobustSlot permit : permits) {
        if (permit.markForSleep() == RobustSlot.FREE) {
          int woken = futexes.wake(permit.state, 1);
          if (woken > 0 || permits.length <= SLEPT_ON_MAX) {
            return;
          }
        }
      }
    } catch (ClosedMemoryException e) {
      wakeOneOfEach(); // this thread has its permit
    }
  }

  private void wakeOneOfEach() {
    for (FutexWord word : words) {
      try {
        futexes.wake(word, 1);
      } catch (RuntimeException e) {
        // Of closed memory: it woke somebody all the same.
      }
    }
  }

  /**
   * Gives a permit back and wakes one who sleeps for it.
   *
   * @throws IllegalMonitorStateException if this thread holds none
   */
  public void release() {
    RobustSlot permit = nearest();
    CurrentThread self = permit.self();
    if (permit.isHeldBy(self)) {
      permit.giveBack(self);
    } else {
      release(1);
    }
  }

  /**
   * Gives so many permits back.
   *
   * @throws IllegalMonitorStateException if this thread holds fewer, and keeps them
   */
  public void release(int permits) {
    checkNotNegative(permits);
    checkOpen();
    if (permits > 1) {
      checkHeld(permits, getHoldCount());
    }
    CurrentThread self = nearest().self();
    int at = preferred();
    int left = permits;
    for (int seen = 0; left > 0; seen++) {
      if (seen == this.permits.length) {
        checkHeld(permits, permits - left);
      }
      RobustSlot permit = this.permits[at];
      if (permit.isHeldBy(self)) {
        permit.giveBack(self);
        left--;
      }
      at = at + 1 == this.permits.length ? 0 : at + 1;
    }
  }

  private void checkHeld(int expected, int found) {
    if (found < expected) {
      throw new IllegalMonitorStateException(
          "cannot release " + expected + " permits, this thread holds " + found + ": " + this);
    }
  }

  private static void checkNotNegative(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException(permits + " permits, expected at least 0");
    }
  }

  /** Takes all permits that are free, and says how many they were. */
  public int drainPermits() {
    int taken = 0;
    while (tryAcquire()) {
      taken++;
    }
    return taken;
  }

  /** How many are free at this moment. */
  public int availablePermits() {
    checkOpen();
    int free = 0;
    for (RobustSlot permit : permits) {
      free += permit.isLocked() ? 0 : 1;
    }
    return free;
  }

  /** How many the calling thread holds. */
  public int getHoldCount() {
    checkOpen();
    CurrentThread self = nearest().self();
    int holds = 0;
    for (RobustSlot permit : permits) {
      holds += permit.isHeldBy(self) ? 1 : 0;
    }
    return holds;
  }

  /** Whether somebody may be waiting: who does has marked the permits, and a mark may outlast it. */
  public boolean hasQueuedThreads() {
    checkOpen();
    for (RobustSlot permit : permits) {
      if (permit.hasSleepers(permit.state.getVolatile())) {
        return true;
      }
    }
    return false;
  }

  /** Who holds the permits at this moment, each as often as it does. */
  public List<MutexOwner> owners() {
    checkOpen();
    List<MutexOwner> owners = new ArrayList<>();
    for (RobustSlot permit : permits) {
      Optional.of(permit)
          .filter(SharedMutex::isLocked)
          .flatMap(SharedMutex::owner)
          .ifPresent(owners::add);
    }
    return owners;
  }

  /** {@code "robust semaphore at offset 64 of /dev/shm/pool (4096 bytes): 3 of 4 permits, others wait"}. */
  @Override
  public String toString() {
    return "robust semaphore at offset "
        + start.offset()
        + " of "
        + start.memory()
        + ": "
        + (start.memory().isClosed() ? "closed" : describe());
  }

  private String describe() {
    return availablePermits()
        + " of "
        + permits.length
        + " permits"
        + (hasQueuedThreads() ? ", others wait" : "");
  }
}
