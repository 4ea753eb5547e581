// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder under /dev/shm that is gone after the test, with all that is in it. */
public final class SharedFolder implements AutoCloseable {
  private final Path path;

  public SharedFolder() {
    try {
      path = Files.createTempDirectory(TestMemory.FOLDER, "jfutex-test-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path path() {
    return path;
  }

  public Path file(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
