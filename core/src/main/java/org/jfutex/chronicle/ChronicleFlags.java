// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a JVM that uses Chronicle is started with. The file is the one place where that stands. */
final class ChronicleFlags {
  private static final String FILE = "jvm.flags";

  private ChronicleFlags() {}

  static List<String> flags() {
    try (InputStream file = ChronicleFlags.class.getResourceAsStream(FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("--"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FILE, e);
    }
  }

  /** What to throw where Chronicle found the JDK locked. */
  static UnsupportedOperationException missing(Throwable found) {
    Throwable reason = found.getCause() == null ? found : found.getCause();
    return new UnsupportedOperationException(
        "Chronicle could not reach into the JDK ("
            + reason
            + "), start the JVM with "
            + String.join(" ", flags()),
        found);
  }
}
