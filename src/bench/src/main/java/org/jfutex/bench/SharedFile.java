// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of zeros in memory, mapped by both sides; gone when closed. */
final class SharedFile implements AutoCloseable {
  /** Two queues; {@code peer.h} maps less of it. */
  private static final int BYTES = 256 * 1024;

  private static final Path IN_MEMORY = Path.of("/dev/shm");

  private final Path path;

  SharedFile() throws IOException {
    path =
        Files.isWritable(IN_MEMORY)
            ? Files.createTempFile(IN_MEMORY, "jfutex-bench", null)
            : Files.createTempFile("jfutex-bench", null);
    path.toFile().deleteOnExit();
    Files.write(path, new byte[BYTES]);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
