// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jfutex.memory.MappedMemory;

/** A mapped file that lives as long as one run: deleted at its end, after Ctrl-C too. */
final class ScratchFile implements AutoCloseable {
  /** Memory that has a name: mapped, but never written to a disk. */
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private final Path path;
  private final MappedMemory memory;
  private final AtExit deletion;
  private volatile boolean created;

  private ScratchFile(Path path, long bytes) throws IOException {
    this.path = path;
    deletion =
        new AtExit(this::delete); // first, because a JVM that is ending must not begin a file
    try {
      memory = MappedMemory.create(path, bytes);
      created = true;
    } finally {
      if (!created) {
        deletion.close();
      }
    }
  }

  /**
   * Creates the file, full of zeros.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is such a file; it stays as it is
   */
  static ScratchFile create(Path path, long bytes) throws IOException {
    return new ScratchFile(path, bytes);
  }

  /** Creates a file of a name that nobody else uses. */
  static ScratchFile createTemporary(long bytes) throws IOException {
    String name = prefix(ProcessHandle.current().pid()) + Long.toHexString(System.nanoTime());
    return create(folder().resolve(name), bytes);
  }

  /** Where temporary ones are. */
  static Path folder() {
    return Files.isDirectory(SHARED_MEMORY) && Files.isWritable(SHARED_MEMORY)
        ? SHARED_MEMORY
        : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** How the names of a process's temporary ones begin. */
  static String prefix(long pid) {
    return "jfutex-demo-" + pid + "-";
  }

  /** Never a file that was there before. */
  private void delete() {
    if (!created) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }

  Path path() {
    return path;
  }

  MappedMemory memory() {
    return memory;
  }

  @Override
  public void close() {
    memory.close();
    deletion.close();
  }
}
