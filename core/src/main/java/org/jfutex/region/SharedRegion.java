// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.Doorbell;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.RobustSemaphore;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedOnce;
import org.jfutex.sync.SharedReadWriteLock;
import org.jfutex.sync.SharedSemaphore;

/**
 * A file in which processes find locks, signals and memory by name.
 *
 * <p>Whoever opens the path first makes the file, whoever asks for a name first makes what it stands for; all get the
 * same, whenever they come, and whoever is killed meanwhile. A name stands for one thing for ever: asking for another
 * kind of thing, or with another parameter, is an {@link IllegalArgumentException} that tells both. Nothing is ever
 * removed, but with the file.
 *
 * <p>Memory: what happens before a name is made happens before it is found. What it stands for says the rest.
 *
 * <p>A killed process leaves a region that works: who dies while it makes a name has not made it. After a reboot the
 * first who opens a region that outlived it tells the robust kinds that their owners died, and frees the others.
 *
 * <p>All methods may be called by any thread. What they return is to be kept, rather than asked for again: finding a
 * name takes a look into a map, and a new object.
 *
 * <p>The bytes: {@link RegionHeader}, {@link DirectoryEntry}.
 */
public final class SharedRegion implements AutoCloseable {
  /** What a new region takes unless asked otherwise: 1 MiB, room for some thousand names. */
  public static final long DEFAULT_BYTES = 1024 * 1024;

  /** Owner reads and writes, nobody else: 0600. */
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final RegionDirectory directory;
  private final MappedMemory memory;
  private MappedMemory trial; // null until something is made

  /** Makes a primitive at an offset. */
  @FunctionalInterface
  private interface At<T> {
    T make(MappedMemory memory, long offset);
  }

  private SharedRegion(RegionDirectory directory) {
    this.directory = directory;
    this.memory = directory.memory();
  }

  /** Opens a region; makes it, of {@link #DEFAULT_BYTES} and with mode 0600, if there is none. */
  public static SharedRegion open(Path path) throws IOException {
    return open(path, DEFAULT_BYTES);
  }

  /** As {@link #open(Path, long, Set)}, mode 0600. */
  public static SharedRegion open(Path path, long bytes) throws IOException {
    return open(path, bytes, OWNER_ONLY);
  }

  /**
   * Opens a region; makes it if there is no file, an empty one, or one of zeros. Any other file stays as it is.
   *
   * @param bytes the size of a new one, 448 to 2^31 - 1; one that exists keeps its own
   * @param permissions of a new one, exactly, unless its maker is killed at once: then those that its mask left. Who
   *     may write it may do anything to those who use it
   * @throws RegionRefusedException if there is something else, or it cannot be shared from here
   * @throws IOException if it cannot be opened, or not be made in full; then there is no file afterwards
   */
  public static SharedRegion open(Path path, long bytes, Set<PosixFilePermission> permissions)
      throws IOException {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(permissions, "permissions");
    if (bytes < RegionFile.BYTES_MIN || bytes > RegionFile.BYTES_MAX) {
      throw new IllegalArgumentException(
          "found a size of "
              + bytes
              + " bytes, expected "
              + RegionFile.BYTES_MIN
              + " to "
              + RegionFile.BYTES_MAX);
    }
    return new SharedRegion(RegionFile.open(path, bytes, Set.copyOf(permissions)));
  }

  /** The mutex of a name, of the {@linkplain MutexKind#DEFAULT default kind}: robust, and error-check. */
  public SharedMutex mutex(String name) {
    return mutex(name, MutexKind.DEFAULT);
  }

  /** The mutex of a name. */
  public SharedMutex mutex(String name, MutexKind kind) {
    return mutex(name, kind, null);
  }

  /**
   * The mutex of a name.
   *
   * @param recovery repairs what the mutex guards after its owner died; or null
   */
  public SharedMutex mutex(String name, MutexKind kind, Recovery recovery) {
    Objects.requireNonNull(kind, "kind");
    return primitive(
        name,
        SlotKind.MUTEX,
        kind.toField(),
        (in, offset) -> SharedMutex.at(in, offset, kind, recovery));
  }

  /** The condition of a name; all who use it use it with this mutex. */
  public SharedCondition condition(String name, SharedMutex mutex) {
    Objects.requireNonNull(mutex, "mutex");
    return primitive(
        name, SlotKind.CONDITION, 0, (in, offset) -> SharedCondition.at(in, offset, mutex));
  }

  /** The read-write lock of a name, which survives its holders; 16 can read at a time. */
  public SharedReadWriteLock readWriteLock(String name) {
    return readWriteLock(name, SharedReadWriteLock.DEFAULT_READERS, null);
  }

  /**
   * The read-write lock of a name, which survives its holders.
   *
   * @param readers how many can read at a time, for all who ask the same
   * @param recovery repairs what the lock guards after a writer died; or null
   */
  public SharedReadWriteLock readWriteLock(String name, int readers, Recovery recovery) {
    return primitive(
        name,
        SlotKind.READ_WRITE_LOCK,
        readers,
        (in, offset) -> SharedReadWriteLock.at(in, offset, readers, recovery));
  }

  /** The read-write lock of a name, of the small and quick kind, which counts a killed holder for ever. */
  public CompactReadWriteLock compactReadWriteLock(String name) {
    return primitive(name, SlotKind.COMPACT_READ_WRITE_LOCK, 0, CompactReadWriteLock::at);
  }

  /**
   * The semaphore of a name, as C has it too; permits that a killed process held are lost.
   *
   * @param permits how many it begins with, for all who ask the same
   */
  public SharedSemaphore semaphore(String name, int permits) {
    return primitive(
        name, SlotKind.SEMAPHORE, permits, (in, offset) -> SharedSemaphore.at(in, offset, permits));
  }

  /**
   * The semaphore of a name whose permits come back when their holders die.
   *
   * @param permits how many it has, for all who ask the same
   */
  public RobustSemaphore robustSemaphore(String name, int permits) {
    return primitive(
        name,
        SlotKind.ROBUST_SEMAPHORE,
        permits,
        (in, offset) -> RobustSemaphore.at(in, offset, permits));
  }

  /**
   * The barrier of a name.
   *
   * @param parties how many wait for each other, for all who ask the same
   */
  public SharedBarrier barrier(String name, int parties) {
    return primitive(
        name, SlotKind.BARRIER, parties, (in, offset) -> SharedBarrier.at(in, offset, parties));
  }

  /**
   * The latch of a name.
   *
   * @param count how often it is to be counted down, for all who ask the same
   */
  public SharedLatch latch(String name, int count) {
    return primitive(
        name, SlotKind.LATCH, count, (in, offset) -> SharedLatch.at(in, offset, count));
  }

  /** The event of a name that lets all go on, from {@code set} to {@code reset}. */
  public SharedEvent event(String name) {
    return primitive(name, SlotKind.EVENT, 0, SharedEvent::manualReset);
  }

  /** The event of a name of which each {@code set} lets one go on. */
  public SharedEvent autoResetEvent(String name) {
    return primitive(name, SlotKind.AUTO_RESET_EVENT, 0, SharedEvent::autoReset);
  }

  /** The doorbell of a name. */
  public Doorbell doorbell(String name) {
    return primitive(name, SlotKind.DOORBELL, 0, Doorbell::at);
  }

  /** What one process of all does, once, under a name. */
  public SharedOnce once(String name) {
    return primitive(name, SlotKind.ONCE, 0, SharedOnce::at);
  }

  /** The word of a name, at first 0. */
  public FutexWord word(String name) {
    return primitive(name, SlotKind.WORD, 0, MappedMemory::word);
  }

  /**
   * The memory of a name, at first zeros: its own part of the mapping, in the byte order of the machine, at a multiple
   * of 64. It is plain memory, and a lock is to guard it; {@link #close()} spares it.
   *
   * @param length in bytes, at least 1; the same for all who ask
   */
  public ByteBuffer bytes(String name, int length) {
    Objects.requireNonNull(name, "name");
    if (length < 1) {
      throw new IllegalArgumentException("found a length of " + length + ", expected at least 1");
    }
    long offset = find(name, SlotKind.BYTES, 0, length).offset();
    return memory.buffer().slice((int) offset, length).order(ByteOrder.nativeOrder());
  }

  private <T> T primitive(String name, SlotKind kind, int parameter, At<T> at) {
    Objects.requireNonNull(name, "name");
    long length = kind.bytes(parameter);
    if (directory.find(name) == null && length <= memory.size()) {
      tryOut(at, (int) Math.max(length, RegionHeader.CACHE_LINE));
    }
    return at.make(memory, find(name, kind, parameter, length).offset());
  }

  /**
   * What cannot be made must not get a name: so first on trial. In one memory again and again, because to wrap a new
   * one takes a look at all mappings of the process, some hundred microseconds.
   */
  private synchronized <T> void tryOut(At<T> at, int bytes) {
    if (trial == null || trial.size() < bytes) {
      trial = MappedMemory.wrap(ByteBuffer.allocateDirect(bytes));
    }
    trial.buffer().put(new byte[bytes]);
    at.make(trial, 0);
  }

  /**
   * @throws IllegalArgumentException if the name stands for something else, or is none
   * @throws RegionException if there is no such name, and cannot be one
   */
  private DirectoryEntry find(String name, SlotKind kind, int parameter, long length) {
    DirectoryEntry wanted = new DirectoryEntry(name, kind, parameter, 0, length);
    DirectoryEntry found = directory.findOrAdd(wanted);
    if (found.kind() != kind || found.parameter() != parameter || found.length() != length) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' of "
              + memory
              + ": found "
              + found.describe()
              + ", expected "
              + wanted.describe());
    }
    return found;
  }

  /** All names that there are, in the order in which they were made. */
  public List<DirectoryEntry> directory() {
    return directory.list();
  }

  /** The mapping. */
  public MappedMemory memory() {
    return memory;
  }

  /**
   * Ends the use of all that was found here, and releases the threads of this JVM that wait for some of it. It unlocks
   * nothing. The second time does nothing.
   */
  @Override
  public void close() {
    directory.close();
  }

  @Override
  public String toString() {
    return "region " + memory;
  }
}
