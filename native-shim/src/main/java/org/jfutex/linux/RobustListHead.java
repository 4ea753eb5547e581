// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/**
 * The head of one thread's robust list, as glibc registered it with the kernel: the list of locks that the kernel
 * marks when this thread dies. It lies in glibc's thread descriptor, and only its own thread may use it. Who manages
 * the list extends it, so that a fast path reaches the head in one step.
 *
 * <pre>
 *    0  next       the first entry, or the head itself; bit 0 set: a PI futex
 *    8  offset     from an entry to its futex word: -32 in a pthread_mutex_t
 *   16  pending    an entry that is being linked or unlinked, or 0
 * </pre>
 *
 * Who reads it is this thread's own end in the kernel, which finds the stores in the order in which the thread made
 * them: only the compiler could change that, so release stores are enough.
 */
public abstract class RobustListHead extends NativeStruct {
  /** From an entry to the word, in a {@code pthread_mutex_t} of 64-bit glibc. */
  public static final int GLIBC_FUTEX_OFFSET = -32;

  /**
   * The calling thread's.
   *
   * @throws UnsupportedOperationException if the C library registered none, or not one of glibc's form
   */
  protected RobustListHead(FutexSyscalls syscalls) {
    super(find(syscalls), LinuxAbi.ROBUST_LIST_HEAD_BYTES);
  }

  private static long find(FutexSyscalls syscalls) {
    long address = syscalls.context().robustListHead();
    if (address == 0) {
      throw new UnsupportedOperationException(
          "the C library registered no robust list for this thread, expected glibc's (musl registers none"
              + " before its own first robust lock)");
    }
    NativeStruct head = new NativeStruct(address, LinuxAbi.ROBUST_LIST_HEAD_BYTES) {};
    long offset = head.getLong(LinuxAbi.ROBUST_LIST_FUTEX_OFFSET);
    if (offset != GLIBC_FUTEX_OFFSET) {
      throw new UnsupportedOperationException(
          "the C library's robust list has futex offset "
              + offset
              + ", expected glibc's "
              + GLIBC_FUTEX_OFFSET);
    }
    return address;
  }

  /** Whether the calling thread has one. */
  static boolean isUsable(FutexSyscalls syscalls) {
    try {
      return find(syscalls) != 0;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  /** The first entry with its PI bit; or {@link #address()}, which is also what the last entry points to. */
  protected final long first() {
    return getLong(LinuxAbi.ROBUST_LIST_NEXT);
  }

  /** Makes an entry the first one, after everything that this thread wrote before. */
  protected final void setFirstRelease(long entry) {
    setLongRelease(LinuxAbi.ROBUST_LIST_NEXT, entry);
  }

  /** Says which entry is about to be worked on: the kernel looks at it too, whether it is linked or not. */
  protected final void setPending(long entry) {
    setLong(LinuxAbi.ROBUST_LIST_OP_PENDING, entry);
  }

  /** As {@link #clearPendingRelease}, right after a read-modify-write, which no later store comes before. */
  protected final void clearPending() {
    setPending(0);
  }

  /** The work on the entry is done, with everything that this thread wrote before. */
  protected final void clearPendingRelease() {
    setLongRelease(LinuxAbi.ROBUST_LIST_OP_PENDING, 0);
  }
}
