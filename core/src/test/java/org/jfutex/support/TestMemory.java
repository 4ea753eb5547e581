// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/** A mapped file under /dev/shm that is gone after the test. */
public final class TestMemory implements AutoCloseable {
  public static final int BYTES = 16384;
  static final Path FOLDER =
      Files.isDirectory(Path.of("/dev/shm"))
          ? Path.of("/dev/shm")
          : Path.of(System.getProperty("java.io.tmpdir"));

  private final Path path;
  private final MappedMemory memory;

  public TestMemory() {
    try {
      path = Files.createTempFile(FOLDER, "jfutex-test-", ".mem");
      Files.delete(path);
      memory = MappedMemory.create(path, BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public MappedMemory memory() {
    return memory;
  }

  public Path path() {
    return path;
  }

  /** The words of the test lie 64 bytes apart. */
  public FutexWord shared(int number) {
    return memory.word(64L * number);
  }

  public FutexWord ofThisJvm(int number) {
    return memory.privateWord(64L * number);
  }

  /** A second mapping of the same file. */
  public MappedMemory mapAgain() {
    try {
      return MappedMemory.open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Memory of no file. */
  public static MappedMemory anonymous() {
    return MappedMemory.wrap(ByteBuffer.allocateDirect(BYTES));
  }

  @Override
  public void close() {
    memory.close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
