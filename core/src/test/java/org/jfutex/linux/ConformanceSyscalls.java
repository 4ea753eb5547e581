// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/** System calls that only the conformance suite needs, through the same backend as those under test. */
public final class ConformanceSyscalls {
  private static final boolean X86_64 = System.getProperty("os.arch").matches("amd64|x86_64");
  private static final long MMAP = X86_64 ? 9 : 222;
  private static final long TGKILL = X86_64 ? 234 : 131;
  private static final long SET_ROBUST_LIST = X86_64 ? 273 : 99;

  private static final long PROT_NONE = 0;
  private static final long MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final long PAGE_BYTES = 65536; // a multiple of every page size

  /** The JVM installs a handler that does nothing for it; it interrupts the system call as any other. */
  private static final int SIGPIPE = 13;

  private ConformanceSyscalls() {}

  /** As {@code /proc/PID/task/TID/syscall} shows a thread that blocks in futex(2). */
  public static long futexNumber() {
    return X86_64 ? 202 : 98;
  }

  /** As {@code /proc/PID/task/TID/syscall} shows a thread that blocks in futex_waitv(2). */
  public static long waitvNumber() {
    return 449;
  }

  /** Address of pages that nobody may access. They are never unmapped: nothing else can come to lie there. */
  public static long mapInaccessible(FutexSyscalls syscalls) {
    return syscalls.syscall(MMAP, 0, PAGE_BYTES, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  }

  /** Interrupts whatever system call a thread of this process blocks in. */
  public static void signal(FutexSyscalls syscalls, int tid) {
    syscalls.syscall(TGKILL, ProcessHandle.current().pid(), tid, SIGPIPE, 0, 0, 0);
  }

  /** set_robust_list(2) for the calling thread. */
  public static int setRobustList(FutexSyscalls syscalls, long head, long length) {
    return (int) syscalls.syscall(SET_ROBUST_LIST, head, length, 0, 0, 0, 0);
  }
}
