// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jfutex.memory.FileIdentity;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.AfterReboot;

/**
 * Opens the file of a region, and makes it if it is new: alone, under an fcntl(2) lock, which the kernel takes from the
 * dead. The version is written last, so who is killed before leaves what the next one makes anew.
 */
final class RegionFile {
  /**
   * One at a time in this JVM: the lock is the process's, not the thread's, and whoever closes a channel of the file
   * gives it up for all.
   */
  private static final Object IN_THIS_JVM = new Object();

  /** The header, and room for one name. */
  static final long BYTES_MIN =
      RegionHeader.BYTES + DirectoryEntry.BYTES + DirectoryEntry.SLOT_ALIGNMENT;

  static final long BYTES_MAX = Integer.MAX_VALUE;

  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path path;
  private final FileChannel channel;

  /**
   * @param channel of the file at that path, which the caller holds the lock of
   */
  RegionFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Opens a region, after making it if the file is missing, or was not finished.
   *
   * @param bytes the size of a new one
   * @param permissions of a new one
   */
  static RegionDirectory open(Path path, long bytes, Set<PosixFilePermission> permissions)
      throws IOException {
    SystemIdentity system = SystemIdentity.current();
    synchronized (IN_THIS_JVM) {
      while (true) {
        RegionPlace.check(path);
        try {
          create(path, permissions);
          FileIdentity found = FileIdentity.ofPath(path);
          try (FileChannel channel =
              FileChannel.open(path, RegionPlace.options(path, READ, WRITE))) {
            channel.lock(); // until it is closed
            if (FileIdentity.ofPath(path).equals(found)) {
              return new RegionFile(path, channel).findOrMake(bytes, system);
            }
          }
        } catch (NoSuchFileException e) {
          // Deleted meanwhile, as by one who could not finish it.
        }
      }
    }
  }

  /** Makes an empty file, unless there is one. */
  private static void create(Path path, Set<PosixFilePermission> permissions) throws IOException {
    try {
      Files.createFile(path, PosixFilePermissions.asFileAttribute(permissions));
      Files.setPosixFilePermissions(path, permissions); // the mask of the process took some away
    } catch (FileAlreadyExistsException e) {
      // Somebody came first.
    }
  }

  /** What is there; made by this call if there was nothing yet, or something unfinished. */
  RegionDirectory findOrMake(long bytes, SystemIdentity system) throws IOException {
    RegionHeader header = readHeader();
    boolean unfinished = isUnfinished(header);
    if (unfinished) {
      make(Math.max(bytes, channel.size()), system);
    } else {
      header.check(path, channel.size(), system);
    }
    MappedMemory memory = MappedMemory.map(channel, path, channel.size());
    if (unfinished) {
      memory.word(RegionHeader.VERSION_OFFSET).setRelease(RegionHeader.VERSION);
    }
    try {
      RegionDirectory directory = new RegionDirectory(path, memory);
      if (!unfinished && !header.bootId().equals(system.bootId())) {
        recover(directory, system);
      }
      return directory;
    } catch (CorruptRegionException e) {
      throw new RegionRefusedException(path, e.getMessage());
    }
  }

  /** What is in a file at this moment; from the beginning on, so that what a name stands for is read after the name. */
  static ByteBuffer copy(Path path) throws IOException {
    synchronized (IN_THIS_JVM) {
      RegionPlace.check(path);
      if (!Files.exists(path)) {
        throw new NoSuchFileException(
            path.toString(), null, "no such file, expected a region that SharedRegion.open made");
      }
      try (FileChannel channel = FileChannel.open(path, RegionPlace.options(path, READ))) {
        if (channel.size() > BYTES_MAX) {
          throw new RegionRefusedException(path, "size", channel.size(), "at most " + BYTES_MAX);
        }
        int bytes = (int) Math.max(channel.size(), RegionHeader.BYTES);
        ByteBuffer copy = ByteBuffer.allocateDirect(bytes);
        while (copy.hasRemaining() && channel.read(copy) > 0) {}
        return copy;
      }
    }
  }

  private RegionHeader readHeader() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(RegionHeader.BYTES);
    while (header.hasRemaining() && channel.read(header, header.position()) > 0) {}
    return RegionHeader.read(header);
  }

  /** Whether it is what one who was killed leaves, or a file of zeros; other bytes are never written over. */
  private boolean isUnfinished(RegionHeader header) throws IOException {
    return header.isUnpublished() ? isZero(RegionHeader.ENTRIES_OFFSET) : isZero(0);
  }

  private boolean isZero(long from) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (long at = from; channel.read(chunk.clear(), at) > 0; at += chunk.limit()) {
      chunk.flip();
      while (chunk.hasRemaining()) {
        if (chunk.get() != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Zeros, then the magic, then the other fields; not the version. */
  private void make(long bytes, SystemIdentity system) throws IOException {
    boolean wasEmpty = channel.size() == 0;
    try {
      MappedMemory.writeZeros(channel, bytes);
      ByteBuffer fields = RegionHeader.unpublished(bytes, system).toBytes();
      write(fields, RegionHeader.MAGIC_OFFSET, RegionHeader.VERSION_OFFSET);
      write(fields, RegionHeader.VERSION_OFFSET, RegionHeader.MUTEX_OFFSET);
    } catch (IOException e) {
      if (wasEmpty) {
        Files.deleteIfExists(path); // a file system that is full is not to stay so
      }
      throw e;
    }
  }

  private void write(ByteBuffer fields, int from, int to) throws IOException {
    fields.limit(to);
    for (int at = from; at < to; ) {
      at += channel.write(fields.position(at), at);
    }
  }

  /** The first one after a reboot: whoever held something then is dead. The boot id is written last. */
  private static void recover(RegionDirectory directory, SystemIdentity system) {
    MappedMemory memory = directory.memory();
    AfterReboot.mutex(memory, RegionHeader.MUTEX_OFFSET, true);
    directory.list().forEach(entry -> entry.recover(memory));
    ByteBuffer header = memory.buffer();
    header.putLong(RegionHeader.PID_NAMESPACE_OFFSET, system.pidNamespace());
    VarHandle.releaseFence();
    RegionHeader.putBootId(header, system.bootId());
  }
}
