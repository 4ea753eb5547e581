// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;
import org.jfutex.linux.ConformanceSyscalls;

/**
 * What {@code /proc} tells of a thread: a thread blocked in a native call is RUNNABLE to Java.
 *
 * <p>{@code syscall} names the system call in which a thread sleeps. {@code stat} tells whether it sleeps, and comes
 * first: a thread that was just woken is shown as running there, while {@code syscall} may go on to name the call until
 * the thread's CPU has heard of it. A waker's call returns after that change, so once it has returned, who is still
 * blocked can be told without delay.
 */
final class ConformanceProc {
  private ConformanceProc() {}

  /** Whether a thread sleeps in futex(2) on an address of the world, or in futex_waitv(2). */
  static boolean isBlocked(long pid, int tid, LongPredicate inWorld) {
    try {
      return sleeps(read(pid, tid, "stat")) && isWait(read(pid, tid, "syscall"), inWorld);
    } catch (IOException e) {
      return false; // the thread is no more
    }
  }

  /** Whether the kernel still knows a thread of this process. */
  static boolean exists(int tid) {
    return Files.exists(Path.of("/proc/self/task/" + tid));
  }

  private static String read(long pid, int tid, String file) throws IOException {
    return new String(
        Files.readAllBytes(Path.of("/proc/" + pid + "/task/" + tid + "/" + file)),
        StandardCharsets.UTF_8);
  }

  /** {@code 4711 (name) S ...}; the name may contain anything. */
  private static boolean sleeps(String stat) {
    return stat.startsWith(" S ", stat.lastIndexOf(')') + 1);
  }

  /** {@code 202 0x7f1c2e000000 0x80 ...}, or {@code running}. */
  private static boolean isWait(String syscall, LongPredicate inWorld) {
    String[] fields = syscall.split(" ");
    if (fields.length < 2 || !Character.isDigit(fields[0].charAt(0))) {
      return false;
    }
    long number = Long.parseLong(fields[0]);
    return number == ConformanceSyscalls.waitvNumber()
        || number == ConformanceSyscalls.futexNumber()
            && inWorld.test(Long.parseUnsignedLong(fields[1].substring(2), 16));
  }
}
