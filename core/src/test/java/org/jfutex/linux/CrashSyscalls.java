// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/**
 * How a victim dies: by the kernel, in the middle of whatever it does. {@code Runtime.halt} and an exception would let
 * the thread end as a thread does.
 */
public final class CrashSyscalls {
  private static final boolean X86_64 = System.getProperty("os.arch").matches("amd64|x86_64");
  private static final long EXIT = X86_64 ? 60 : 93;
  private static final long KILL = X86_64 ? 62 : 129;
  private static final long SIGKILL = 9;

  private CrashSyscalls() {}

  /**
   * exit(2): the calling thread is gone for the kernel, which walks its robust list as for a killed process. For the
   * JVM it is in a native call for ever; that call holds up no safepoint.
   */
  public static void endThread() {
    FutexSyscalls.system().syscall(EXIT, 0, 0, 0, 0, 0, 0);
  }

  /** kill(2) of this process with SIGKILL. */
  public static void killProcess() {
    FutexSyscalls.system().syscall(KILL, ProcessHandle.current().pid(), SIGKILL, 0, 0, 0, 0);
  }
}
