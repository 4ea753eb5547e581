// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.SyscallsUnavailableException;

/**
 * Which thread of this JVM has which id: the kernel's, or Java's where there is no kernel to ask. Only threads that
 * asked for their id are known.
 */
final class ThreadIds {
  private static final Map<Integer, WeakReference<Thread>> THREADS = new ConcurrentHashMap<>();
  private static final ThreadLocal<Integer> CURRENT =
      ThreadLocal.withInitial(ThreadIds::registerCurrent);

  private ThreadIds() {}

  static int current() {
    return CURRENT.get();
  }

  /** False for one that has ended, or was never known. */
  static boolean isAlive(int tid) {
    WeakReference<Thread> reference = THREADS.get(tid);
    Thread thread = reference == null ? null : reference.get();
    return thread != null && thread.isAlive();
  }

  private static int registerCurrent() {
    THREADS.keySet().removeIf(tid -> !isAlive(tid));
    int tid = ask();
    THREADS.put(tid, new WeakReference<>(Thread.currentThread()));
    return tid;
  }

  private static int ask() {
    try {
      return FutexSyscalls.system().context().tid();
    } catch (SyscallsUnavailableException e) {
      return (int) Thread.currentThread().getId() & LinuxAbi.FUTEX_TID_MASK;
    }
  }
}
