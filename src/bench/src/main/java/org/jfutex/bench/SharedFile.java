// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A file of zeros in memory, mapped by both sides; gone when closed, and with it what they made beside it, under its
 * name and a suffix.
 */
final class SharedFile implements AutoCloseable {
  /** Two queues; {@code peer.h} maps less of it. */
  private static final int BYTES = 256 * 1024;

  private static final Path IN_MEMORY = Path.of("/dev/shm");

  /** For a run that is interrupted. */
  private static final Set<SharedFile> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(SharedFile::delete)));
  }

  private final Path path;

  SharedFile() throws IOException {
    path =
        Files.isWritable(IN_MEMORY)
            ? Files.createTempFile(IN_MEMORY, "jfutex-bench", null)
            : Files.createTempFile("jfutex-bench", null);
    OPEN.add(this);
    Files.write(path, new byte[BYTES]);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    OPEN.remove(this);
    delete();
  }

  private void delete() {
    String name = path.getFileName().toString();
    try (DirectoryStream<Path> own = Files.newDirectoryStream(path.getParent(), name + "*")) {
      for (Path one : own) {
        deleteAll(one);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
