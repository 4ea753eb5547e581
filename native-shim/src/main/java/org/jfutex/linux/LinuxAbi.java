// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/**
 * Every number of the kernel's interface that jfutex uses, with the header it comes from. Nothing else in the project
 * spells one of these as digits.
 */
public final class LinuxAbi {
  // linux/futex.h: operations
  public static final int FUTEX_WAIT = 0;
  public static final int FUTEX_WAKE = 1;
  public static final int FUTEX_REQUEUE = 3;
  public static final int FUTEX_CMP_REQUEUE = 4;
  public static final int FUTEX_WAKE_OP = 5;
  public static final int FUTEX_LOCK_PI = 6;
  public static final int FUTEX_UNLOCK_PI = 7;
  public static final int FUTEX_TRYLOCK_PI = 8;
  public static final int FUTEX_WAIT_BITSET = 9;
  public static final int FUTEX_WAKE_BITSET = 10;
  public static final int FUTEX_WAIT_REQUEUE_PI = 11;
  public static final int FUTEX_CMP_REQUEUE_PI = 12;
  public static final int FUTEX_LOCK_PI2 = 13;

  // linux/futex.h: flags of an operation
  public static final int FUTEX_PRIVATE_FLAG = 128;
  public static final int FUTEX_CLOCK_REALTIME = 256;

  // linux/futex.h: bits of a word that the kernel understands
  public static final int FUTEX_WAITERS = 0x80000000;
  public static final int FUTEX_OWNER_DIED = 0x40000000;
  public static final int FUTEX_TID_MASK = 0x3fffffff;
  public static final int FUTEX_BITSET_MATCH_ANY = 0xffffffff;

  // linux/futex.h: the encoded operation of FUTEX_WAKE_OP, (op | shift) << 28 | cmp << 24 | oparg
  // << 12 | cmparg
  public static final int FUTEX_OP_SET = 0;
  public static final int FUTEX_OP_ADD = 1;
  public static final int FUTEX_OP_OR = 2;
  public static final int FUTEX_OP_ANDN = 3;
  public static final int FUTEX_OP_XOR = 4;
  public static final int FUTEX_OP_OPARG_SHIFT = 8;
  public static final int FUTEX_OP_CMP_EQ = 0;
  public static final int FUTEX_OP_CMP_NE = 1;
  public static final int FUTEX_OP_CMP_LT = 2;
  public static final int FUTEX_OP_CMP_LE = 3;
  public static final int FUTEX_OP_CMP_GT = 4;
  public static final int FUTEX_OP_CMP_GE = 5;

  // linux/futex.h: futex_waitv(2) and its vector of struct futex_waitv { u64 val; u64 uaddr; u32
  // flags; u32 reserved; }
  public static final int FUTEX2_SIZE_U32 = 2;
  public static final int FUTEX2_PRIVATE = FUTEX_PRIVATE_FLAG;
  public static final int FUTEX_WAITV_MAX = 128;
  public static final int WAITV_VAL = 0;
  public static final int WAITV_UADDR = 8;
  public static final int WAITV_FLAGS = 16;
  public static final int WAITV_RESERVED = 20;
  public static final int WAITV_BYTES = 24;

  // linux/time.h, and struct timespec { s64 tv_sec; s64 tv_nsec; }
  public static final int CLOCK_REALTIME = 0;
  public static final int CLOCK_MONOTONIC = 1;
  public static final int TIMESPEC_SEC = 0;
  public static final int TIMESPEC_NSEC = 8;
  public static final int TIMESPEC_BYTES = 16;

  // linux/futex.h: struct robust_list_head { void *next; long futex_offset; void *list_op_pending;
  // }
  public static final int ROBUST_LIST_HEAD_BYTES = 24;
  public static final int ROBUST_LIST_NEXT = 0;
  public static final int ROBUST_LIST_FUTEX_OFFSET = 8;
  public static final int ROBUST_LIST_OP_PENDING = 16;

  // linux/futex.h: bit 0 of a pointer to an entry says that its word is a PI futex; how many
  // entries the kernel walks
  public static final long ROBUST_LIST_PI = 1;
  public static final int ROBUST_LIST_LIMIT = 2048;

  // linux/membarrier.h
  public static final int MEMBARRIER_CMD_QUERY = 0;
  public static final int MEMBARRIER_CMD_GLOBAL_EXPEDITED = 1 << 1;
  public static final int MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED = 1 << 2;

  private LinuxAbi() {}

  /** System call numbers of one architecture: {@code asm/unistd_64.h} and {@code asm-generic/unistd.h}. */
  record SyscallNumbers(
      long futex, long futexWaitv, long gettid, long getRobustList, long membarrier) {
    private static final SyscallNumbers X86_64 = new SyscallNumbers(202, 449, 186, 274, 324);
    private static final SyscallNumbers AARCH64 = new SyscallNumbers(98, 449, 178, 100, 283);

    /**
     * The numbers for a value of the system property {@code os.arch}.
     *
     * @throws UnsupportedOperationException for an architecture whose numbers are not known here
     */
    static SyscallNumbers of(String architecture) {
      return switch (architecture) {
        case "amd64", "x86_64" -> X86_64;
        case "aarch64", "arm64" -> AARCH64;
        default ->
            throw new UnsupportedOperationException(
                "no system call numbers for architecture '"
                    + architecture
                    + "', expected amd64 or aarch64");
      };
    }
  }
}
