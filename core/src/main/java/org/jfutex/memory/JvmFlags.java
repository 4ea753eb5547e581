// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a JVM is started with so that a library of mapped memory can reach into the JDK. It stands in one place: the
 * file {@code jvm.flags} beside the adapter of the library, an argument file of {@code java}.
 */
public final class JvmFlags {
  private static final String FILE = "jvm.flags";

  private JvmFlags() {}

  /** Those of the library that a class is an adapter of. */
  public static List<String> of(Class<?> adapter) {
    try (InputStream file = adapter.getResourceAsStream(FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("--"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FILE, e);
    }
  }

  /**
   * What an adapter throws where its library found the JDK locked.
   *
   * @param library its name, for people
   * @param found what the library threw
   */
  public static UnsupportedOperationException missing(
      String library, Class<?> adapter, Throwable found) {
    Throwable reason = found.getCause() == null ? found : found.getCause();
    return new UnsupportedOperationException(
        library
            + " could not reach into the JDK ("
            + reason
            + "), start the JVM with "
            + String.join(" ", of(adapter)),
        found);
  }
}
