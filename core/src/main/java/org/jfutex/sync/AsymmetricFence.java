// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.linux.Errno;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.SyscallsUnavailableException;

/**
 * A full fence between two sides of which one is asked often and the other seldom: the light side is spared its fence,
 * and the heavy one has the kernel make every CPU that runs a light side fence there and then; membarrier(2), global
 * and expedited, for the processes that registered.
 *
 * <p>What the light side must not do is pass an earlier store with a later load. x86 does that in its store buffer
 * alone, which the kernel's interrupt empties; and the compilers of the JVMs named here keep an opaque load behind a
 * release store. No memory model promises that, so whatever was not tried out fences.
 */
final class AsymmetricFence {
  /** Whether this process can make others fence. */
  static final boolean HAS_HEAVY = offersMembarrier();

  /** Whether this process, which is registered then, need not fence where it is the light side. */
  static final boolean HAS_LIGHT = HAS_HEAVY && isTried() && register();

  private AsymmetricFence() {}

  private static boolean offersMembarrier() {
    try {
      return FutexSyscalls.system().features().membarrier();
    } catch (SyscallsUnavailableException e) {
      return false; // then there are no other processes either
    }
  }

  private static boolean isTried() {
    String machine = System.getProperty("os.arch");
    String jvm = System.getProperty("java.vm.name", "");
    return (machine.equals("amd64") || machine.equals("x86_64"))
        && (jvm.startsWith("OpenJDK") || jvm.startsWith("Java HotSpot"));
  }

  private static boolean register() {
    return FutexSyscalls.system().membarrier(LinuxAbi.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)
        == 0;
  }

  /** A full fence in this thread, and in every running one of the processes that registered. */
  static void heavy() {
    int answer = FutexSyscalls.system().membarrier(LinuxAbi.MEMBARRIER_CMD_GLOBAL_EXPEDITED);
    if (answer < 0) {
      throw new IllegalStateException(
          "membarrier(2) answered "
              + Errno.name(-answer)
              + " after it was offered; allow it in the sandbox, or start every JVM with -D"
              + KernelFeatures.MEMBARRIER_PROPERTY
              + "=false and a new file");
    }
  }
}
