// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.VirtualThreads;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;

/**
 * The names of a region. Looking one up reads what was published, without a lock; what was read once is kept, since
 * entries never change. A new one is written under the directory's mutex, and then published by one store: who is
 * killed before that store leaves nothing, and the next one writes over it.
 */
final class RegionDirectory {
  /** System property: how long to wait for the directory's mutex, in ms. */
  static final String PATIENCE_PROPERTY = "jfutex.region.patience";

  /** It is held for microseconds; a machine that is overloaded may take seconds for them. */
  private static final long DEFAULT_PATIENCE_MILLIS = 10_000;

  private final Path path;
  private final MappedMemory memory;
  private final ByteBuffer bytes;
  private final FutexWord entries;
  private final SharedMutex mutex;
  private final List<DirectoryEntry> known = new ArrayList<>();
  private final Map<String, DirectoryEntry> byName = new ConcurrentHashMap<>();
  private final Object writing = new Object();

  /**
   * Reads it.
   *
   * @throws CorruptRegionException if it is none
   */
  RegionDirectory(Path path, MappedMemory memory) {
    this.path = path;
    this.memory = memory;
    bytes = memory.buffer();
    entries = memory.word(RegionHeader.ENTRIES_OFFSET);
    readNew(); // and only then the mutex, so that nothing is written into what is refused
    try {
      mutex = SharedMutex.at(memory, RegionHeader.MUTEX_OFFSET, MutexKind.DEFAULT);
    } catch (IllegalArgumentException e) {
      throw new CorruptRegionException("the directory's mutex: " + e.getMessage());
    }
  }

  MappedMemory memory() {
    return memory;
  }

  /** All entries, in the order in which they were made. */
  List<DirectoryEntry> list() {
    synchronized (known) {
      readNew();
      return List.copyOf(known);
    }
  }

  /** The entry of a name, or null. */
  DirectoryEntry find(String name) {
    memory.checkOpen();
    DirectoryEntry entry = byName.get(name);
    if (entry == null) {
      readNew();
      entry = byName.get(name);
    }
    return entry;
  }

  /** What was published since the last time. */
  private void readNew() {
    checkSize(memory.sizeAtItsPath());
    readPublished();
  }

  /** As {@link #readNew}, where the file was looked at. */
  private void readPublished() {
    synchronized (known) {
      int published = entries.getVolatile();
      long slotsBegin = DirectoryEntry.at(published);
      if (published < known.size() || slotsBegin > lowestSlot()) {
        throw new CorruptRegionException(
            "entries of "
                + memory
                + ": found "
                + Integer.toUnsignedString(published)
                + ", expected "
                + known.size()
                + " or as many more as there is room for");
      }
      while (known.size() < published) {
        DirectoryEntry entry = DirectoryEntry.read(bytes, known.size(), slotsBegin, lowestSlot());
        if (byName.putIfAbsent(entry.name(), entry) != null) {
          throw new CorruptRegionException(
              "directory entry " + known.size() + ": found name '" + entry.name() + "' again");
        }
        known.add(entry);
      }
    }
  }

  /** Where the next slot has to end. */
  private long lowestSlot() {
    return known.isEmpty() ? aligned(memory.size()) : known.get(known.size() - 1).offset();
  }

  private static long aligned(long offset) {
    return offset & -DirectoryEntry.SLOT_ALIGNMENT;
  }

  /**
   * The entry of a name, whatever it stands for; if there is none, a new one.
   *
   * @param wanted where its slot is to be does not matter
   * @throws RegionException if there is none, and cannot be one
   */
  DirectoryEntry findOrAdd(DirectoryEntry wanted) {
    DirectoryEntry found = find(wanted.name());
    if (found != null) {
      return found;
    }
    if (!VirtualThreads.isCurrent()) {
      return add(wanted);
    }
    // Only a platform thread can own the mutex; a virtual one waits for it, its carrier does not.
    try {
      return CompletableFuture.supplyAsync(() -> add(wanted), task -> new Thread(task).start())
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private DirectoryEntry add(DirectoryEntry wanted) {
    DirectoryEntry.encode(wanted.name()); // what cannot be one is refused first
    synchronized (writing) {
      checkFile();
      try {
        lock();
        DirectoryEntry found = find(wanted.name());
        return found != null ? found : write(wanted);
      } finally {
        if (mutex
            .isHeldByCurrentThread()) { // an error of the JVM's may come out of lock() late, but
          // not keep it
          mutex.unlock();
        }
      }
    }
  }

  /** The one who held it before may have died: what it did not publish is written over. */
  private void lock() {
    long millis = Long.getLong(PATIENCE_PROPERTY, DEFAULT_PATIENCE_MILLIS);
    Acquisition result = mutex.acquire(Deadline.after(millis, TimeUnit.MILLISECONDS));
    if (result == Acquisition.OWNER_DIED) {
      mutex.makeConsistent();
    } else if (result != Acquisition.ACQUIRED) {
      throw new RegionBusyException(
          "the directory's mutex was not free for "
              + millis
              + " ms, expected some microseconds. Fix: let its owner go on, or end it: "
              + mutex);
    }
  }

  private DirectoryEntry write(DirectoryEntry wanted) {
    int number = known.size();
    long offset = aligned(lowestSlot() - wanted.length());
    if (offset < DirectoryEntry.at(number + 1L)) {
      throw new RegionFullException(
          "no room for '"
              + wanted.name()
              + "', which takes "
              + (DirectoryEntry.BYTES + wanted.length())
              + " bytes: "
              + memory
              + " has "
              + number
              + " names and "
              + (lowestSlot() - DirectoryEntry.at(number))
              + " bytes left. Fix: SharedRegion.open(path, bytes) of a new file");
    }
    wanted.movedTo(offset).write(bytes, (int) DirectoryEntry.at(number));
    entries.setRelease(number + 1);
    readPublished();
    return byName.get(wanted.name());
  }

  /** Before something new is made of it: a path may name another file by now, or a shorter one. */
  private void checkFile() {
    OptionalLong size = memory.sizeAtItsPath();
    if (size.isEmpty()) {
      throw new RegionReplacedException(
          path + " was deleted or replaced since this region was opened. Fix: open it anew");
    }
    checkSize(size);
  }

  /** Pages that are gone read as zeros, or as an error that comes late. */
  private void checkSize(OptionalLong size) {
    if (size.isPresent() && size.getAsLong() < memory.size()) {
      throw memory.fault(memory.size() - 1, null);
    }
  }

  /** Not while this JVM adds a name: the mutex could not be given back. */
  void close() {
    synchronized (writing) {
      memory.close();
    }
  }
}
