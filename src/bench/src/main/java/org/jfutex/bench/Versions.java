// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.sun.jna.NativeLibrary;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import org.agrona.concurrent.IdleStrategy;

/** Of what jfutex is measured beside. */
final class Versions {
  private Versions() {}

  /** Such as {@code glibc 2.36, gcc (Debian 12.2.0-14) 12.2.0, agrona-1.23.1, chronicle-queue-5.25ea16, jna-5.14.0}. */
  static String peers() {
    List<String> all = new ArrayList<>(List.of(libc()));
    CPeers.compiler().flatMap(Versions::firstLine).ifPresent(all::add);
    Stream.of(IdleStrategy.class, ChronicleQueue.class, NativeLibrary.class)
        .map(Versions::jar)
        .forEach(all::add);
    return String.join(", ", all);
  }

  static String libc() {
    try {
      return "glibc "
          + NativeLibrary.getProcess()
              .getFunction("gnu_get_libc_version")
              .invokeString(null, false);
    } catch (UnsatisfiedLinkError e) {
      return "no glibc";
    }
  }

  private static Optional<String> firstLine(Path compiler) {
    try {
      Process process =
          new ProcessBuilder(compiler.toString(), "--version").redirectErrorStream(true).start();
      try (BufferedReader answer = process.inputReader()) {
        return Optional.ofNullable(answer.readLine());
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String jar(Class<?> type) {
    String file =
        Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .getFileName()
            .toString();
    return file.replace(".jar", "");
  }
}
