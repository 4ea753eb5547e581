// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What one thread needs for its system calls and needs only once: its TID, scratch memory for the structures that go
 * by address, and the word that {@link Thread#interrupt()} wakes it through. Found by {@link FutexSyscalls#context()},
 * used by that thread alone, so a blocking call allocates nothing.
 *
 * <pre>
 *   scratch     0  struct timespec                      16 bytes
 *              16  struct futex_waitv [128]           3072 bytes
 * </pre>
 */
public final class ThreadContext {
  private static final int TIMESPEC_OFFSET = 0;
  private static final int VECTOR_OFFSET = TIMESPEC_OFFSET + LinuxAbi.TIMESPEC_BYTES;
  private static final int SCRATCH_BYTES =
      VECTOR_OFFSET + LinuxAbi.FUTEX_WAITV_MAX * LinuxAbi.WAITV_BYTES;

  private final FutexSyscalls syscalls;
  private final ByteBuffer scratch;
  private final long address;
  private int tid;
  private InterruptWord interruptWord;

  ThreadContext(FutexSyscalls syscalls) {
    this.syscalls = syscalls;
    scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES).order(ByteOrder.nativeOrder());
    address = syscalls.addressOf(scratch);
  }

  /** The kernel's thread id; meaningless on a virtual thread, whose carrier changes. */
  public int tid() {
    if (tid == 0) {
      tid = syscalls.gettid();
    }
    return tid;
  }

  /** Writes the thread's one {@code struct timespec} and returns its address. */
  public long timespec(long seconds, long nanos) {
    scratch.putLong(TIMESPEC_OFFSET + LinuxAbi.TIMESPEC_SEC, seconds);
    scratch.putLong(TIMESPEC_OFFSET + LinuxAbi.TIMESPEC_NSEC, nanos);
    return address + TIMESPEC_OFFSET;
  }

  /**
   * Writes one entry of the thread's vector for futex_waitv(2).
   *
   * @param index 0 to 127
   * @param flags 0 for a shared word, or {@link LinuxAbi#FUTEX2_PRIVATE}
   */
  public void waitvEntry(int index, long word, int expected, int flags) {
    int at = VECTOR_OFFSET + index * LinuxAbi.WAITV_BYTES;
    scratch.putLong(at + LinuxAbi.WAITV_VAL, Integer.toUnsignedLong(expected));
    scratch.putLong(at + LinuxAbi.WAITV_UADDR, word);
    scratch.putInt(at + LinuxAbi.WAITV_FLAGS, LinuxAbi.FUTEX2_SIZE_U32 | flags);
    scratch.putInt(at + LinuxAbi.WAITV_RESERVED, 0);
  }

  /** The address of the vector that {@link #waitvEntry} fills. */
  public long waitvVector() {
    return address + VECTOR_OFFSET;
  }

  /** The word that an interrupt of this thread wakes. */
  public InterruptWord interruptWord() {
    if (interruptWord == null) {
      interruptWord = new InterruptWord(syscalls);
    }
    return interruptWord;
  }

  /**
   * The address of the {@code struct robust_list_head} that the C library registered for this thread, or 0 if it
   * registered none. {@link RobustListHead} is what is there.
   */
  public long robustListHead() {
    long result = address + VECTOR_OFFSET;
    scratch.putLong(VECTOR_OFFSET, 0);
    scratch.putLong(VECTOR_OFFSET + Long.BYTES, 0);
    int answer = syscalls.getRobustList(0, result, result + Long.BYTES);
    boolean known =
        answer == 0
            && scratch.getLong(VECTOR_OFFSET + Long.BYTES) == LinuxAbi.ROBUST_LIST_HEAD_BYTES;
    return known ? scratch.getLong(VECTOR_OFFSET) : 0;
  }
}
