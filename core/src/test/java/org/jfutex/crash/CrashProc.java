// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the kernel says of a thread of any process. */
final class CrashProc {
  private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");
  private static final String FUTEX = AARCH64 ? "98" : "202";
  private static final String WAITV = "449";
  private static final int OPERATION = 2; // the field of the line
  private static final int REALTIME = 256;

  /** WAIT, LOCK_PI, WAIT_BITSET, LOCK_PI2, all of shared words: the JVM's own locks are private ones. */
  private static final Set<Integer> SLEEPS = Set.of(0, 6, 9, 13);

  private CrashProc() {}

  static boolean isGone(long pid, int tid) {
    return !Files.exists(thread(pid, tid));
  }

  /** Whether it sleeps for a word that processes share, or for several. */
  static boolean isAsleep(long pid, int tid) {
    try {
      String[] line = Files.readString(thread(pid, tid).resolve("syscall")).split(" ");
      return line[0].equals(WAITV)
          || line[0].equals(FUTEX)
              && SLEEPS.contains((int) (Long.decode(line[OPERATION]) & ~REALTIME));
    } catch (IOException e) {
      return false;
    }
  }

  /** For the message of a test that failed: what all threads of a process do. */
  static String describe(long pid) {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> threads = Files.list(thread(pid, 0).getParent())) {
      for (Path each : threads.toList()) {
        text.append(each.getFileName());
        for (String file : List.of("comm", "syscall", "stat")) {
          text.append(' ').append(Files.readString(each.resolve(file)).strip());
        }
        text.append(System.lineSeparator());
      }
    } catch (IOException e) {
      text.append(e);
    }
    return text.toString();
  }

  private static Path thread(long pid, int tid) {
    return Path.of("/proc", Long.toString(pid), "task", Integer.toString(tid));
  }
}
