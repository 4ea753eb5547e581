// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.nio.ByteBuffer;

/**
 * futex(2), futex_waitv(2), gettid(2), get_robust_list(2) and membarrier(2) as raw verbs.
 *
 * <p>Each verb makes one system call and returns what the kernel answered: a value of at least 0, or minus errno (see
 * {@link Errno}). A verb throws nothing, allocates nothing and retries nothing; {@code -EINTR} is the caller's to deal
 * with. Addresses are absolute, and the caller keeps the memory behind them reachable until the verb returns.
 *
 * <p>{@code flags} is 0 for a shared word, or {@link LinuxAbi#FUTEX_PRIVATE_FLAG}; where a deadline is taken,
 * {@link LinuxAbi#FUTEX_CLOCK_REALTIME} may be added. {@code timespec} is the address of a {@code struct timespec}
 * ({@link ThreadContext#timespec}), or 0 for none.
 */
public abstract class FutexSyscalls {
  /**
   * System property that chooses the implementation: {@code ffm} ({@code java.lang.foreign}, JDK 22 or newer, the
   * default there), {@code jna} (the default below 22), or {@code none} (as if there were no such system call).
   */
  public static final String PROPERTY = "jfutex.syscalls";

  private final LinuxAbi.SyscallNumbers numbers =
      LinuxAbi.SyscallNumbers.of(System.getProperty("os.arch"));
  private final ThreadLocal<ThreadContext> contexts =
      ThreadLocal.withInitial(() -> new ThreadContext(this));
  private volatile KernelFeatures features;

  /** For the implementations of this package alone. */
  FutexSyscalls() {}

  /**
   * The implementation that this JVM uses, chosen once; see {@link #PROPERTY}.
   *
   * @throws SyscallsUnavailableException if there is none, now and on every later call with the same reason
   */
  public static FutexSyscalls system() {
    return SyscallsLoader.system();
  }

  /**
   * Whether there should be one: on Linux, unless {@link #PROPERTY} says none. Then a failure of {@link #system} is an
   * error and nothing to work around: a process that polls does not wake those that sleep in the kernel.
   */
  public static boolean isExpected() {
    return SyscallsLoader.isExpected();
  }

  /**
   * The implementation of a given name, {@code "ffm"} or {@code "jna"}; a second one in the same JVM does no harm.
   *
   * @throws SyscallsUnavailableException if it cannot be loaded here
   */
  public static FutexSyscalls named(String name) {
    return SyscallsLoader.load(name);
  }

  /** The name under which {@link #named} finds this implementation. */
  public abstract String name();

  /** The address of a direct buffer's first byte (index 0, whatever its position). */
  public abstract long addressOf(ByteBuffer direct);

  /**
   * The memory at an address as a direct buffer, native byte order, for as long as whoever owns it keeps it there:
   * accessing it later ends the JVM.
   */
  public abstract ByteBuffer memoryAt(long address, int bytes);

  /** syscall(2): a result of at least 0, or minus errno. */
  abstract long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);

  /** As {@link #syscall}, faster where that can be: any negative number for a failure. */
  long syscallWithoutErrno(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    return syscall(number, a1, a2, a3, a4, a5, a6);
  }

  /** The calling thread's own memory for system calls; on a virtual thread that of the virtual thread. */
  public final ThreadContext context() {
    return contexts.get();
  }

  /** What this kernel and sandbox allow, probed once. */
  public final KernelFeatures features() {
    KernelFeatures probed = features;
    if (probed == null) {
      features = probed = KernelFeatures.probe(this);
    }
    return probed;
  }

  /** FUTEX_WAIT: sleeps while the word holds {@code expected}; {@code timespec} is a relative, monotonic timeout. */
  public final int wait(long word, int flags, int expected, long timespec) {
    return futex(word, LinuxAbi.FUTEX_WAIT | flags, expected, timespec, 0, 0);
  }

  /** FUTEX_WAIT_BITSET: as {@link #wait}, until a wake with a common bit; {@code timespec} is an absolute deadline. */
  public final int waitBitset(long word, int flags, int expected, long timespec, int bitset) {
    return futex(word, LinuxAbi.FUTEX_WAIT_BITSET | flags, expected, timespec, 0, bitset);
  }

  /** As {@link #waitBitset}, faster where that can be; any negative number for a failure, which took no wake. */
  public final int waitBitsetWithoutErrno(
      long word, int flags, int expected, long timespec, int bitset) {
    int operation = LinuxAbi.FUTEX_WAIT_BITSET | flags;
    return (int)
        syscallWithoutErrno(numbers.futex(), word, operation, expected, timespec, 0, bitset);
  }

  /** FUTEX_WAKE: how many were woken; a count of 0 or less wakes one. */
  public final int wake(long word, int flags, int count) {
    return repeatable(word, LinuxAbi.FUTEX_WAKE | flags, count, 0, 0, 0);
  }

  /** FUTEX_WAKE_BITSET: wakes only waiters that share a bit with {@code bitset}. */
  public final int wakeBitset(long word, int flags, int count, int bitset) {
    return repeatable(word, LinuxAbi.FUTEX_WAKE_BITSET | flags, count, 0, 0, bitset);
  }

  /** FUTEX_REQUEUE: how many were woken plus how many were moved to {@code target}. */
  public final int requeue(long word, int flags, int wakeCount, int requeueCount, long target) {
    return repeatable(word, LinuxAbi.FUTEX_REQUEUE | flags, wakeCount, requeueCount, target, 0);
  }

  /** FUTEX_CMP_REQUEUE: as {@link #requeue}, or {@code -EAGAIN} if the word does not hold {@code expected}. */
  public final int compareRequeue(
      long word, int flags, int wakeCount, int requeueCount, long target, int expected) {
    return repeatable(
        word, LinuxAbi.FUTEX_CMP_REQUEUE | flags, wakeCount, requeueCount, target, expected);
  }

  /** FUTEX_WAKE_OP: changes {@code second}, wakes on {@code word}, and on {@code second} if its old value compares. */
  public final int wakeOp(
      long word, int flags, int count, int secondCount, long second, int encodedOperation) {
    return futex(
        word, LinuxAbi.FUTEX_WAKE_OP | flags, count, secondCount, second, encodedOperation);
  }

  /** FUTEX_LOCK_PI: {@code timespec} is an absolute <em>realtime</em> deadline, whatever the flags. */
  public final int lockPi(long word, int flags, long timespec) {
    return repeatable(word, LinuxAbi.FUTEX_LOCK_PI | flags, 0, timespec, 0, 0);
  }

  /** FUTEX_LOCK_PI2 (Linux 5.14): {@code timespec} is an absolute deadline, monotonic unless the flags say realtime. */
  public final int lockPi2(long word, int flags, long timespec) {
    return repeatable(word, LinuxAbi.FUTEX_LOCK_PI2 | flags, 0, timespec, 0, 0);
  }

  /** FUTEX_TRYLOCK_PI: {@code -EAGAIN} if another thread holds the word. */
  public final int tryLockPi(long word, int flags) {
    return repeatable(word, LinuxAbi.FUTEX_TRYLOCK_PI | flags, 0, 0, 0, 0);
  }

  /** FUTEX_UNLOCK_PI: hands the word to its first waiter; {@code -EPERM} if the caller does not hold it. */
  public final int unlockPi(long word, int flags) {
    return repeatable(word, LinuxAbi.FUTEX_UNLOCK_PI | flags, 0, 0, 0, 0);
  }

  /** FUTEX_WAIT_REQUEUE_PI: sleeps until requeued to {@code target} and owner of it; absolute deadline. */
  public final int waitRequeuePi(long word, int flags, int expected, long timespec, long target) {
    return futex(word, LinuxAbi.FUTEX_WAIT_REQUEUE_PI | flags, expected, timespec, target, 0);
  }

  /** FUTEX_CMP_REQUEUE_PI: {@code wakeCount} must be 1; waiters get the PI word {@code target} or queue on it. */
  public final int compareRequeuePi(
      long word, int flags, int wakeCount, int requeueCount, long target, int expected) {
    return futex(
        word, LinuxAbi.FUTEX_CMP_REQUEUE_PI | flags, wakeCount, requeueCount, target, expected);
  }

  /**
   * futex_waitv(2): sleeps on several words; the index of one that was woken.
   *
   * @param vector address of {@code count} times {@code struct futex_waitv}, see {@link ThreadContext#waitvEntry}
   * @param timespec address of an absolute deadline on {@code clock}, or 0
   */
  public final int waitv(long vector, int count, long timespec, int clock) {
    return (int) syscall(numbers.futexWaitv(), vector, count, 0, timespec, clock, 0);
  }

  /** As {@link #waitv}, faster where that can be; any negative number for a failure, which took no wake. */
  public final int waitvWithoutErrno(long vector, int count, long timespec, int clock) {
    return (int) syscallWithoutErrno(numbers.futexWaitv(), vector, count, 0, timespec, clock, 0);
  }

  /** gettid(2): the kernel's number for the calling (carrier) thread. */
  public final int gettid() {
    return (int) syscall(numbers.gettid(), 0, 0, 0, 0, 0, 0);
  }

  /** get_robust_list(2) of thread {@code tid} (0: the caller) into two native longs at the given addresses. */
  public final int getRobustList(int tid, long headAddress, long lengthAddress) {
    return (int) syscall(numbers.getRobustList(), tid, headAddress, lengthAddress, 0, 0, 0);
  }

  /** membarrier(2), without flags: a {@code MEMBARRIER_CMD} of {@link LinuxAbi}. */
  public final int membarrier(int command) {
    return syscallRepeatable(numbers.membarrier(), command, 0, 0, 0, 0, 0);
  }

  /** A futex call that has done nothing where it fails. */
  private int repeatable(long word, int operation, int value, long third, long second, int value3) {
    return syscallRepeatable(numbers.futex(), word, operation, value, third, second, value3);
  }

  /** A call that has done nothing where it fails, so that it can be made again, for errno. */
  private int syscallRepeatable(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    int answer = (int) syscallWithoutErrno(number, a1, a2, a3, a4, a5, a6);
    return answer >= 0 ? answer : (int) syscall(number, a1, a2, a3, a4, a5, a6);
  }

  /**
   * futex(2) with nothing interpreted, for operations without a verb of their own.
   *
   * @param third {@code val2} or a timespec's address, by operation
   */
  public final int futex(long word, int operation, int value, long third, long second, int value3) {
    // Negative ints widen to negative longs; the kernel reads 32 bits of each of these, so the sign
    // does no harm.
    return (int) syscall(numbers.futex(), word, operation, value, third, second, value3);
  }

  @Override
  public String toString() {
    return "FutexSyscalls[" + name() + "]";
  }
}
