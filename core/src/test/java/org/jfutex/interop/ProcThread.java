// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of a thread of any process. */
final class ProcThread {
  private static final String FUTEX =
      System.getProperty("os.arch").equals("aarch64") ? "98" : "202";
  private static final String FUTEX_WAITV = "449";

  /** Behind the name, which is the second field and may contain anything: the state, and the priority. */
  private static final int STATE = 0;

  private static final int PRIORITY = 15;

  private ProcThread() {}

  /**
   * Whether it sleeps in futex(2) on a word of so many bytes at an address; or in futex_waitv(2), which only jfutex
   * calls here, and which does not show on which words.
   */
  static boolean sleepsOn(long pid, int tid, long address, long bytes) {
    try {
      if (!stat(pid, tid)[STATE].equals("S")) {
        return false;
      }
      String[] call = read(pid, tid, "syscall").split(" ");
      if (call[0].equals(FUTEX_WAITV)) {
        return true;
      }
      long word = call[0].equals(FUTEX) ? Long.decode(call[1]) : 0;
      return word >= address && word < address + bytes;
    } catch (IOException e) {
      return false; // it is no more
    }
  }

  /** What the scheduler goes by at this moment: 20 and about for others, -1 minus its priority for SCHED_FIFO. */
  static int priority(long pid, int tid) {
    try {
      return Integer.parseInt(stat(pid, tid)[PRIORITY]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a thread of this JVM has ended for the kernel too, which Java does not tell. */
  static boolean isGone(int tid) {
    return Files.notExists(Path.of("/proc/self/task/" + tid));
  }

  private static String[] stat(long pid, int tid) throws IOException {
    String stat = read(pid, tid, "stat");
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }

  private static String read(long pid, int tid, String file) throws IOException {
    return new String(
        Files.readAllBytes(Path.of("/proc/" + pid + "/task/" + tid + "/" + file)),
        StandardCharsets.UTF_8);
  }
}
