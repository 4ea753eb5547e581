// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_TID_MASK;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jfutex.memory.MappedMemory;

/**
 * Who holds a mutex, as the kernel numbers and names it; a moment later it may be somebody else.
 *
 * @param tid its thread id
 * @param pid the process of the thread; 0 if there is no such thread, or it cannot be seen
 * @param name what the thread calls itself, at most 15 characters; empty if it cannot be seen
 */
public record MutexOwner(int tid, int pid, String name) {
  private static final String PROCESS = "Tgid:";

  static MutexOwner of(int tid) {
    Path thread = Path.of("/proc", Integer.toString(tid));
    return new MutexOwner(tid, processOf(thread), nameOf(thread));
  }

  /** Who holds the mutex of this kind at an offset; only looks, and finds nobody where there is none. */
  public static Optional<MutexOwner> of(MappedMemory memory, long offset, MutexKind kind) {
    Objects.requireNonNull(kind, "kind");
    int word =
        Objects.requireNonNull(memory, "memory").word(offset + MutexLayout.LOCK).getVolatile();
    boolean inTheWord = kind.robust() || kind.priorityInheritance();
    int tid =
        inTheWord || word == 0
            ? word & FUTEX_TID_MASK
            : memory.word(offset + MutexLayout.OWNER).getVolatile();
    return tid == MutexLayout.NO_OWNER ? Optional.empty() : Optional.of(of(tid));
  }

  private static int processOf(Path thread) {
    for (String line : read(thread.resolve("status"))) {
      if (line.startsWith(PROCESS)) {
        return Integer.parseInt(line.substring(PROCESS.length()).strip());
      }
    }
    return 0;
  }

  private static String nameOf(Path thread) {
    return String.join("", read(thread.resolve("comm")));
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1); // a name may be any bytes
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public String toString() {
    return pid == 0
        ? "thread " + tid + ", which does not exist here"
        : "thread " + tid + " of process " + pid + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
