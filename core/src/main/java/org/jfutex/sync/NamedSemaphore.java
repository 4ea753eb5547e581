// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jfutex.memory.MappedMemory;

/**
 * A semaphore with a name, POSIX's: what {@code sem_open} opens in C, and creates. It is the file {@code
 * /dev/shm/sem.NAME} of 32 bytes, mode 0600, which appears at once and whole, and stays until it is unlinked or the
 * machine reboots.
 *
 * <p>A name is {@code "/pool"}: characters behind a slash, none of them another slash; the first slash may be missing.
 *
 * <p>{@link #close()} ends the use of the semaphore by this object and nothing else: nobody else notices, and permits
 * stay taken.
 */
public final class NamedSemaphore extends SharedSemaphore implements AutoCloseable {
  private static final Path FOLDER = Path.of("/dev/shm");
  private static final String PREFIX = "sem.";

  /** Of a file, in bytes. */
  private static final int NAME_MAX = 255;

  private final MappedMemory memory;

  private NamedSemaphore(MappedMemory memory) {
    super(adoptable(memory, 0));
    this.memory = memory;
  }

  /**
   * The semaphore that has a name, made in C or here.
   *
   * @throws NoSuchFileException if there is none
   * @throws FileSystemException if the file is too short, not one of this user's, or no regular one
   * @throws IllegalArgumentException if it cannot be a name, or what the file holds is no semaphore
   */
  public static NamedSemaphore open(String name) throws IOException {
    Path path = pathOf(name);
    if (Files.isSymbolicLink(path)) { // as sem_open: others can put files into this folder, too
      throw new FileSystemException(
          path.toString(), null, "found a symbolic link, expected a semaphore");
    }
    return of(MappedMemory.open(path, 0, BYTES));
  }

  /**
   * Creates a semaphore with so many permits.
   *
   * @param permits 0 to {@link #PERMITS_MAX}
   * @throws FileAlreadyExistsException if there is one of this name
   * @throws IllegalArgumentException if it cannot be a name
   */
  public static NamedSemaphore create(String name, int permits) throws IOException {
    Path path = pathOf(name);
    checkInitial(permits);
    return of(MappedMemory.create(path, SemaphoreLayout.content(permits)));
  }

  /** The semaphore that has a name; created, with so many permits, if there is none. */
  public static NamedSemaphore openOrCreate(String name, int permits) throws IOException {
    Path path = pathOf(name);
    checkInitial(permits);
    while (true) {
      try {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
          return open(name);
        }
        return create(name, permits);
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        if (!Files.isDirectory(FOLDER)) {
          throw e;
        }
        // Somebody created it meanwhile, or unlinked it.
      }
    }
  }

  /**
   * Takes a semaphore its name; who has it open goes on using it, with those who have the same open.
   *
   * @throws NoSuchFileException if there is none
   */
  public static void unlink(String name) throws IOException {
    Files.delete(pathOf(name));
  }

  private static NamedSemaphore of(MappedMemory memory) {
    try {
      return new NamedSemaphore(memory);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  private static Path pathOf(String name) {
    String bare = Objects.requireNonNull(name, "name").startsWith("/") ? name.substring(1) : name;
    int most = NAME_MAX - PREFIX.length();
    if (bare.isEmpty()
        || bare.indexOf('/') >= 0
        || bare.indexOf('\0') >= 0
        || bare.getBytes(StandardCharsets.UTF_8).length > most) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' cannot be the name of a semaphore, expected a slash and 1 to "
              + most
              + " bytes behind it, none of them another slash");
    }
    return FOLDER.resolve(PREFIX + bare);
  }

  @Override
  public void close() {
    memory.close();
  }
}
