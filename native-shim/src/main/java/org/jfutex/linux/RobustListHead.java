// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The head of one thread's robust list, as glibc registered it with the kernel: the list of locks that the kernel
 * marks when this thread dies. It lies in glibc's thread descriptor, and only its own thread may use it.
 *
 * <pre>
 *    0  next       the first entry, or the head itself; bit 0 set: a PI futex
 *    8  offset     from an entry to its futex word: -32 in a pthread_mutex_t
 *   16  pending    an entry that is being linked or unlinked, or 0
 * </pre>
 *
 * Every store is a release store: the order in which the kernel may find this thread dead is the order of the program.
 */
public final class RobustListHead {
  /** From an entry to the word, in a {@code pthread_mutex_t} of 64-bit glibc. */
  public static final int GLIBC_FUTEX_OFFSET = -32;

  private static final int NEXT = LinuxAbi.ROBUST_LIST_NEXT;
  private static final int FUTEX_OFFSET = LinuxAbi.ROBUST_LIST_FUTEX_OFFSET;
  private static final int PENDING = LinuxAbi.ROBUST_LIST_OP_PENDING;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final long address;
  private final ByteBuffer memory;

  private RobustListHead(long address, ByteBuffer memory) {
    this.address = address;
    this.memory = memory;
  }

  static RobustListHead at(FutexSyscalls syscalls, long address) {
    if (address == 0) {
      throw new UnsupportedOperationException(
          "the C library registered no robust list for this thread, expected glibc's (musl registers none"
              + " before its own first robust lock)");
    }
    RobustListHead head =
        new RobustListHead(address, syscalls.memoryAt(address, LinuxAbi.ROBUST_LIST_HEAD_BYTES));
    long offset = (long) LONG.get(head.memory, FUTEX_OFFSET);
    if (offset != GLIBC_FUTEX_OFFSET) {
      throw new UnsupportedOperationException(
          "the C library's robust list has futex offset "
              + offset
              + ", expected glibc's "
              + GLIBC_FUTEX_OFFSET);
    }
    return head;
  }

  /** What an empty list's {@link #next} holds, and what the last entry points to. */
  public long address() {
    return address;
  }

  /** The first entry with its PI bit, or {@link #address()}. */
  public long next() {
    return (long) LONG.getOpaque(memory, NEXT);
  }

  /** Makes an entry the first one. */
  public void setNext(long entry) {
    LONG.setRelease(memory, NEXT, entry);
  }

  /** The entry that is being worked on, with its PI bit, or 0. */
  public long pending() {
    return (long) LONG.getOpaque(memory, PENDING);
  }

  /** Says which entry is being worked on: the kernel looks at it too, whether it is linked or not. */
  public void setPending(long entry) {
    LONG.setRelease(memory, PENDING, entry);
  }
}
