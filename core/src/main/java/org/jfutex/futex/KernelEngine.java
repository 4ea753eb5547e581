// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jfutex.linux.Errno;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.InterruptWord;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.ThreadContext;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * The futex system call itself. What an operation answers is what the kernel answered, but for signals (EINTR), after
 * which a wait goes on, and for {@link Thread#interrupt()}.
 *
 * <p>How a wait ends by an interrupt: futex_waitv(2) sleeps on {the thread's {@link InterruptWord}, the word}. The
 * kernel reports the highest index that fired, so a wake of the word wins over an interrupt and is never lost. A wait
 * with a bitset, or on a kernel without futex_waitv(2), goes in slices instead, and looks at the interrupt status
 * between two. An expired slice whose word has changed may hide a wake-up that was lost: it is counted.
 *
 * <p>A virtual thread would pin its carrier; a platform thread waits for it, see {@link HandedWait}.
 */
final class KernelEngine implements FutexEngine {
  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How late an interrupt may be noticed where futex_waitv(2) cannot help; 250 wake-ups a second are 0.2 % CPU. */
  static final long INTERRUPTIBLE_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  /** LOCK_PI ends neither by a wake nor in a waitv: how late it may notice that its memory was closed. */
  static final long PI_SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Without futex_waitv(2) several words are polled, 1,000 times a second. */
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A failure for which errno was not asked: no timeout. */
  private static final int UNEXPLAINED = Integer.MIN_VALUE;

  private final FutexSyscalls syscalls;
  private final KernelFeatures features;
  private final KernelWaits waits;
  private final AtomicLong hiddenWakeUps = new AtomicLong();

  KernelEngine(FutexSyscalls syscalls) {
    this.syscalls = syscalls;
    this.features = syscalls.features();
    this.waits = new KernelWaits(syscalls);
  }

  /** Slices that expired although their word had changed. */
  long hiddenWakeUps() {
    return hiddenWakeUps.get();
  }

  static int flags(FutexWord word) {
    return word.isShared() ? 0 : LinuxAbi.FUTEX_PRIVATE_FLAG;
  }

  private static int flags(FutexWord word, long deadline) {
    return flags(word) | (Deadline.isRealtime(deadline) ? LinuxAbi.FUTEX_CLOCK_REALTIME : 0);
  }

  private static int clock(long deadline) {
    return Deadline.isRealtime(deadline) ? LinuxAbi.CLOCK_REALTIME : LinuxAbi.CLOCK_MONOTONIC;
  }

  private static long timespec(ThreadContext context, long deadline) {
    if (deadline == Deadline.NONE) {
      return 0;
    }
    long nanos = Deadline.nanos(deadline);
    return context.timespec(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
  }

  @Override
  public int wait(FutexWord word, int expected, int bitset, long deadline, boolean interruptible) {
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    if (word.getVolatile() != expected) {
      return -Errno.EAGAIN; // not worth a system call, even less a platform thread
    }
    if (VirtualThreads.isCurrent()) {
      return HandedWait.call(
          () -> wait(word, expected, bitset, deadline, interruptible), interruptible);
    }
    KernelWaits.Entry self = waits.begin(word);
    try {
      if (!interruptible) {
        return waitForWake(self, word, expected, bitset, deadline);
      }
      return features.futexWaitv() && bitset == LinuxAbi.FUTEX_BITSET_MATCH_ANY
          ? waitForWakeOrInterrupt(self, word, expected, deadline)
          : waitInSlices(self, word, expected, bitset, deadline);
    } finally {
      waits.end(self);
      Reference.reachabilityFence(word);
    }
  }

  /**
   * Sleeps without asking for errno, which costs less, and allocates nothing even before C2 has compiled the call. The
   * word was as expected when the wait began, so what fails has timed out if its time is over, or finds another value;
   * what else fails has taken no wake, and the kernel is asked again. The wall clock, rounded as it is in {@link
   * Deadline}, cannot tell.
   */
  private int waitForWake(
      KernelWaits.Entry self, FutexWord word, int expected, int bitset, long deadline) {
    if (!Deadline.isRealtime(deadline)) {
      long timespec = timespec(self.context, deadline);
      int answer =
          syscalls.waitBitsetWithoutErrno(word.address(), flags(word), expected, timespec, bitset);
      if (answer >= 0) {
        return answer;
      }
      if (Deadline.hasPassed(deadline)) {
        return -Errno.ETIMEDOUT;
      }
      if (word.getVolatile() != expected) {
        return -Errno.EAGAIN;
      }
    }
    return waitForWakeOrErrno(self, word, expected, bitset, deadline);
  }

  private int waitForWakeOrErrno(
      KernelWaits.Entry self, FutexWord word, int expected, int bitset, long deadline) {
    long address = word.address();
    int flags = flags(word, deadline);
    long timespec = timespec(self.context, deadline);
    int answer;
    do {
      answer = syscalls.waitBitset(address, flags, expected, timespec, bitset);
    } while (answer == -Errno.EINTR);
    return answer;
  }

  private int waitForWakeOrInterrupt(
      KernelWaits.Entry self, FutexWord word, int expected, long deadline) {
    self.context.waitvEntry(1, word.address(), expected, flags(word));
    int index = waitvOrInterrupt(self, 1, deadline, false);
    if (index == UNEXPLAINED) {
      index =
          word.getVolatile() != expected
              ? -Errno.EAGAIN
              : waitvOrInterrupt(self, 1, deadline, true);
    }
    return index > 0 ? 0 : index;
  }

  /**
   * Waits for the entries 1 to {@code count} of the thread's vector, and for an interrupt in entry 0.
   *
   * @return the index of a woken entry; or minus errno, -EINTR for an interrupt or a close; or {@link #UNEXPLAINED}
   */
  private int waitvOrInterrupt(
      KernelWaits.Entry self, int count, long deadline, boolean explained) {
    ThreadContext context = self.context;
    InterruptWord interruptWord = context.interruptWord();
    context.waitvEntry(0, interruptWord.address(), InterruptWord.IDLE, LinuxAbi.FUTEX2_PRIVATE);
    for (; ; ) {
      interruptWord.arm();
      int answer;
      try {
        answer = waitv(context, count + 1, deadline, explained);
      } finally {
        interruptWord.disarm();
      }
      boolean fired = answer == 0 || answer < 0 && interruptWord.hasFired();
      if (!fired && answer != -Errno.EINTR) {
        return answer;
      }
      if (Thread.currentThread().isInterrupted() || self.isClosed()) {
        return -Errno.EINTR;
      }
      // Otherwise a signal, or a wake-up that an interrupt of an earlier wait sent late.
    }
  }

  /**
   * As {@link #waitForWake}, for the first entries of the thread's vector; -EINTR for a signal.
   *
   * @param explained whether to ask for errno, so that no failure is {@link #UNEXPLAINED}
   */
  private int waitv(ThreadContext context, int count, long deadline, boolean explained) {
    long vector = context.waitvVector();
    long timespec = timespec(context, deadline);
    int clock = clock(deadline);
    if (explained || Deadline.isRealtime(deadline)) {
      return syscalls.waitv(vector, count, timespec, clock);
    }
    int answer = syscalls.waitvWithoutErrno(vector, count, timespec, clock);
    if (answer >= 0) {
      return answer;
    }
    return Deadline.hasPassed(deadline) ? -Errno.ETIMEDOUT : UNEXPLAINED;
  }

  private int waitInSlices(
      KernelWaits.Entry self, FutexWord word, int expected, int bitset, long deadline) {
    for (; ; ) {
      boolean interrupted = Thread.currentThread().isInterrupted();
      // An interrupted thread looks at the word all the same, but does not sleep.
      long slice = sliceOf(deadline, interrupted ? 0 : INTERRUPTIBLE_SLICE_NANOS);
      int answer = waitForWakeOrErrno(self, word, expected, bitset, slice);
      if (answer != -Errno.ETIMEDOUT || slice == deadline) {
        return answer;
      }
      if (interrupted || word.memory().isClosed()) {
        return -Errno.EINTR;
      }
      if (word.getVolatile() != expected) {
        hiddenWakeUps.incrementAndGet();
      }
    }
  }

  /** The deadline itself if it is nearer than {@code nanos} from now. */
  private static long sliceOf(long deadline, long nanos) {
    return Deadline.remaining(deadline) <= nanos
        ? deadline
        : Deadline.after(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public int wake(FutexWord word, int count, int bitset) {
    int answer =
        bitset == LinuxAbi.FUTEX_BITSET_MATCH_ANY
            ? syscalls.wake(word.address(), flags(word), count)
            : syscalls.wakeBitset(word.address(), flags(word), count, bitset);
    Reference.reachabilityFence(word);
    return answer;
  }

  @Override
  public int requeue(FutexWord word, FutexWord target, int wakeCount, int requeueCount) {
    int answer =
        syscalls.requeue(word.address(), flags(word), wakeCount, requeueCount, target.address());
    return requeued(answer, word, target);
  }

  @Override
  public int compareRequeue(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    int answer =
        syscalls.compareRequeue(
            word.address(), flags(word), wakeCount, requeueCount, target.address(), expected);
    return requeued(answer, word, target);
  }

  /** A requeue of nobody, which compares. As a private word, of which there are no waiters: to name it costs less. */
  @Override
  public int look(FutexWord word, int expected) {
    long address = word.address();
    int operation = LinuxAbi.FUTEX_CMP_REQUEUE | LinuxAbi.FUTEX_PRIVATE_FLAG;
    int answer = syscalls.futex(address, operation, 0, 0, address, expected);
    Reference.reachabilityFence(word);
    return answer;
  }

  private int requeued(int answer, FutexWord word, FutexWord target) {
    Reference.reachabilityFence(word);
    if (answer > 0) {
      waits.moved(word, target);
    }
    Reference.reachabilityFence(target);
    return answer;
  }

  @Override
  public int wakeOp(
      FutexWord word, int count, FutexWord second, int secondCount, int encodedOperation) {
    int answer =
        syscalls.wakeOp(
            word.address(), flags(word), count, secondCount, second.address(), encodedOperation);
    Reference.reachabilityFence(word);
    Reference.reachabilityFence(second);
    return answer;
  }

  @Override
  public int waitAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    int most = interruptible ? LinuxAbi.FUTEX_WAITV_MAX - 1 : LinuxAbi.FUTEX_WAITV_MAX;
    if (words.length < 1 || words.length > most) {
      return -Errno.EINVAL;
    }
    int answer = UNEXPLAINED;
    for (boolean explained = false; answer == UNEXPLAINED; explained = true) {
      answer =
          haveChanged(words, expected)
              ? -Errno.EAGAIN
              : sleepForAny(words, expected, deadline, interruptible, explained);
    }
    return answer;
  }

  @Override
  public int sleepForAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    return sleepForAny(words, expected, deadline, interruptible, true);
  }

  private int sleepForAny(
      FutexWord[] words, int[] expected, long deadline, boolean interruptible, boolean explained) {
    if (VirtualThreads.isCurrent()) {
      return HandedWait.call(
          () -> waitAny(words, expected, deadline, interruptible), interruptible);
    }
    int first = interruptible ? 1 : 0;
    KernelWaits.Entry self = waits.begin(words);
    try {
      if (!features.futexWaitv()) {
        return pollAny(words, expected, deadline, interruptible);
      }
      for (int i = 0; i < words.length; i++) {
        self.context.waitvEntry(first + i, words[i].address(), expected[i], flags(words[i]));
      }
      if (interruptible) {
        int index = waitvOrInterrupt(self, words.length, deadline, explained);
        return index > 0 ? index - 1 : index;
      }
      int answer;
      do {
        answer = waitv(self.context, words.length, deadline, explained);
      } while (answer == -Errno.EINTR);
      return answer;
    } finally {
      waits.end(self);
      Reference.reachabilityFence(words);
    }
  }

  private static boolean haveChanged(FutexWord[] words, int[] expected) {
    for (int i = 0; i < words.length; i++) {
      if (words[i].getVolatile() != expected[i]) {
        return true;
      }
    }
    return false;
  }

  /** Sees a changed word, but no wake that changes none. */
  private static int pollAny(
      FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    boolean interrupted = false;
    try {
      for (; ; ) {
        if (haveChanged(words, expected)) {
          return -Errno.EAGAIN;
        }
        if (Deadline.hasPassed(deadline)) {
          return -Errno.ETIMEDOUT;
        }
        if (Thread.interrupted()) {
          interrupted = true;
          if (interruptible) {
            return -Errno.EINTR;
          }
        }
        LockSupport.parkNanos(Math.min(POLL_NANOS, Deadline.remaining(deadline)));
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public int lockPi(FutexWord word, long deadline, boolean interruptible) {
    if (!features.lockPi()) {
      return -Errno.ENOSYS;
    }
    KernelWaits.Entry self = waits.begin(word);
    try {
      long address = word.address();
      long sliceNanos = interruptible ? INTERRUPTIBLE_SLICE_NANOS : PI_SLICE_NANOS;
      for (; ; ) {
        boolean interrupted = interruptible && Thread.currentThread().isInterrupted();
        long slice = sliceOf(deadline, interrupted ? 0 : sliceNanos);
        int answer = lockPi(self.context, word, address, slice);
        if (answer == -Errno.EINTR || answer == -Errno.ETIMEDOUT && slice != deadline) {
          if (interrupted || word.memory().isClosed()) {
            return -Errno.EINTR;
          }
          continue;
        }
        return answer;
      }
    } finally {
      waits.end(self);
      Reference.reachabilityFence(word);
    }
  }

  private int lockPi(ThreadContext context, FutexWord word, long address, long deadline) {
    if (features.lockPi2()) {
      return syscalls.lockPi2(address, flags(word, deadline), timespec(context, deadline));
    }
    // LOCK_PI knows the wall clock alone.
    long realtime =
        deadline == Deadline.NONE || Deadline.isRealtime(deadline)
            ? deadline
            // One more millisecond, because the clock is rounded down: never early.
            : ~(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() + 1)
                + Math.max(0, Deadline.remaining(deadline)));
    return syscalls.lockPi(address, flags(word), timespec(context, realtime));
  }

  @Override
  public int tryLockPi(FutexWord word) {
    int answer = syscalls.tryLockPi(word.address(), flags(word));
    Reference.reachabilityFence(word);
    return answer;
  }

  @Override
  public int unlockPi(FutexWord word) {
    int answer;
    do {
      answer = syscalls.unlockPi(word.address(), flags(word));
      // A TRYLOCK_PI set WAITERS between the kernel's read of the word and its exchange, and went
      // away again.
    } while (answer == -Errno.EAGAIN);
    Reference.reachabilityFence(word);
    return answer;
  }

  @Override
  public int waitRequeuePi(FutexWord word, int expected, FutexWord target, long deadline) {
    KernelWaits.Entry self = waits.beginRequeue(word, target);
    try {
      long address = word.address();
      long targetAddress = target.address();
      long timespec = timespec(self.context, deadline);
      int answer;
      do {
        answer =
            syscalls.waitRequeuePi(
                address, flags(word, deadline), expected, timespec, targetAddress);
      } while (answer == -Errno.EINTR);
      return answer;
    } finally {
      waits.end(self);
      Reference.reachabilityFence(word);
      Reference.reachabilityFence(target);
    }
  }

  @Override
  public int compareRequeuePi(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    int answer =
        syscalls.compareRequeuePi(
            word.address(), flags(word), wakeCount, requeueCount, target.address(), expected);
    Reference.reachabilityFence(word);
    Reference.reachabilityFence(target);
    return answer;
  }

  /** The kernel queues nobody who does not block, so this only looks at the word, and {@link #await} looks again. */
  @Override
  public int prepare(Waiter waiter, FutexWord word, int expected, int bitset) {
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    waiter.checkIdle();
    if (word.getVolatile() != expected) {
      return -Errno.EAGAIN;
    }
    waiter.word = word;
    waiter.expected = expected;
    waiter.bitset = bitset;
    waiter.state = Waiter.QUEUED;
    return 0;
  }

  @Override
  public int await(Waiter waiter, long deadline, boolean interruptible) {
    if (waiter.isWoken()) {
      return 0;
    }
    int answer = wait(waiter.word, waiter.expected, waiter.bitset, deadline, interruptible);
    if (answer == 0 || answer == -Errno.EAGAIN) {
      waiter.state = Waiter.WOKEN;
      return 0;
    }
    return answer;
  }

  @Override
  public int complete(Waiter waiter) {
    boolean woken =
        waiter.state == Waiter.WOKEN || waiter.word.getEvenIfClosed() != waiter.expected;
    waiter.word = null;
    waiter.state = Waiter.IDLE;
    return woken ? 1 : 0;
  }

  @Override
  public String toString() {
    return syscalls + ", " + features;
  }

  @Override
  public void release(MappedMemory memory) {
    waits.release(memory);
  }

  @Override
  public void forEachWait(Consumer<FutexWait> action) {
    waits.forEach(action);
  }
}
