// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jfutex.linux.Cells;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.SyscallsUnavailableException;

/**
 * A stretch of memory in which futex words live: a mapped file, or any direct buffer.
 *
 * <p>{@link #close()} ends the use of the memory, not the mapping: it releases every thread of this JVM that waits on
 * one of its words, and from then on every use of a word is a {@link ClosedMemoryException}. The mapping goes when
 * nothing can reach it any more, so no order of calls, concurrent ones included, touches unmapped memory.
 *
 * <p>Caveat: who truncates the file while others have it mapped takes the pages from under them. What can be noticed
 * is a {@link TruncatedMemoryException}; a write may end the JVM with SIGBUS. Fix: never truncate, make a new file.
 *
 * <p>All methods may be called by any thread.
 */
public final class MappedMemory implements AutoCloseable {
  /** Owner reads and writes, nobody else: 0600. */
  private static final String OWNER_ONLY = "rw-------";

  private static final int ZEROS_BYTES = 64 * 1024;

  /** Where no address can be had, each memory gets a stretch of 2^32 of its own in a space of made-up addresses. */
  private static final AtomicLong MADE_UP_ADDRESS = new AtomicLong(1L << 32);

  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(MappedMemory.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ByteBuffer buffer;
  private final Path path; // null for a buffer
  private final FileIdentity
      pathIdentity; // of the file when it was mapped, by stat; null for a buffer
  private final long address;
  private final FileIdentity file; // null unless a shared mapping of a file
  private final long fileOffset; // of index 0
  private final Set<Consumer<MappedMemory>> closeListeners = new CopyOnWriteArraySet<>();
  private volatile Consumer<MappedMemory> lastListener; // who reads it knows that it is one of them
  private volatile boolean closed;

  private MappedMemory(ByteBuffer buffer, Path path, FileIdentity pathIdentity, long position)
      throws IOException {
    this.buffer = buffer;
    this.path = path;
    this.pathIdentity = pathIdentity;
    FutexSyscalls syscalls = syscallsOrNull();
    if (syscalls == null) {
      address = MADE_UP_ADDRESS.getAndAdd(1L << 32);
      file = pathIdentity;
      fileOffset = position;
    } else {
      address = syscalls.addressOf(buffer);
      FileIdentity.Mapping mapping =
          FileIdentity.Mapping.at(address).filter(FileIdentity.Mapping::isSharedFile).orElse(null);
      file = mapping == null ? null : mapping.file();
      fileOffset = mapping == null ? 0 : mapping.fileOffsetOf(address);
    }
  }

  private static FutexSyscalls syscallsOrNull() {
    try {
      return FutexSyscalls.system();
    } catch (SyscallsUnavailableException e) {
      return null;
    }
  }

  /**
   * Creates a file of zeros, mode 0600, and maps it. The file appears at once and whole: others see none, or all of it.
   * The zeros are written, so a full file system says so here and not by a crash later. A killed process may leave an
   * unfinished file beside it, {@code .jfutex-PID-..}, which nobody uses, and which can be deleted.
   *
   * @param bytes its size, 4 to 2^31 - 1
   * @throws FileAlreadyExistsException if there is such a file
   * @throws IOException if it cannot be created in full; nothing is left behind then
   */
  public static MappedMemory create(Path path, long bytes) throws IOException {
    return create(path, bytes, ByteBuffer.allocate(0));
  }

  /**
   * As {@link #create(Path, long)}, with other bytes than zeros in it from the start.
   *
   * @param content 4 bytes or more, from its position to its limit, which stay as they are
   */
  public static MappedMemory create(Path path, ByteBuffer content) throws IOException {
    Objects.requireNonNull(content, "content");
    return create(path, content.remaining(), content.slice());
  }

  private static MappedMemory create(Path path, long bytes, ByteBuffer content) throws IOException {
    Objects.requireNonNull(path, "path");
    checkBytes(bytes);
    Path unfinished =
        path.resolveSibling(
            ".jfutex-" + ProcessHandle.current().pid() + "-" + randomOfThisProcess());
    Set<OpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileAttribute<?> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY));
    try (FileChannel channel = FileChannel.open(unfinished, options, ownerOnly)) {
      writeZeros(channel, bytes);
      while (content.hasRemaining()) {
        channel.write(content, content.position());
      }
      FileIdentity identity = FileIdentity.ofPath(unfinished);
      MappedMemory memory = map(channel, path, identity, FileChannel.MapMode.READ_WRITE, 0, bytes);
      try {
        Files.createLink(path, unfinished);
      } catch (FileAlreadyExistsException e) { // it tells the name of the unfinished file, too
        throw new FileAlreadyExistsException(
            path.toString(), null, "there is a file already, expected none; open uses it");
      }
      return memory;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** For processes of one id, in two containers that share the folder. A UUID would do, and load security providers. */
  private static String randomOfThisProcess() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  /**
   * Writes zeros from the beginning of a file on, so that a full file system says so here, and not by a crash later.
   *
   * @param bytes how many
   */
  public static void writeZeros(FileChannel channel, long bytes) throws IOException {
    Objects.requireNonNull(channel, "channel");
    ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
    for (long at = 0; at < bytes; ) {
      zeros.clear().limit((int) Math.min(ZEROS_BYTES, bytes - at));
      at += channel.write(zeros, at);
    }
  }

  /**
   * Maps the first {@code bytes} of a file, which is created (see {@link #create}) if there is none: whoever comes
   * first, all get the same file.
   *
   * @throws IOException as {@link #create} and {@link #open(Path, long, long)}
   */
  public static MappedMemory openOrCreate(Path path, long bytes) throws IOException {
    Objects.requireNonNull(path, "path");
    while (true) {
      // A link that leads nowhere is there, too: open says so, create would never succeed.
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return open(path, 0, bytes);
      }
      try {
        return create(path, bytes);
      } catch (FileAlreadyExistsException e) {
        // Somebody came first; theirs is whole.
      }
    }
  }

  /**
   * Maps the whole of an existing file for reading and writing.
   *
   * @throws NoSuchFileException if there is none
   * @throws FileSystemException if it is no regular file, may not be written, or has no size that can be mapped
   */
  public static MappedMemory open(Path path) throws IOException {
    return open(path, FileChannel.MapMode.READ_WRITE, 0, -1);
  }

  /**
   * Maps a part of an existing file for reading and writing.
   *
   * @param position where the part begins in the file, in bytes, a multiple of 4
   * @param bytes its size, 4 to 2^31 - 1
   * @throws FileSystemException as {@link #open(Path)}, and if the file is shorter than {@code position + bytes}
   */
  public static MappedMemory open(Path path, long position, long bytes) throws IOException {
    Objects.requireNonNull(path, "path");
    if (position < 0 || position % FutexWord.BYTES != 0) {
      throw new IllegalArgumentException(
          "position " + position + ", expected a multiple of 4, at least 0");
    }
    checkBytes(bytes);
    return open(path, FileChannel.MapMode.READ_WRITE, position, bytes);
  }

  /** Maps the whole of an existing file for reading: its words can be waited for and woken, not changed. */
  public static MappedMemory openReadOnly(Path path) throws IOException {
    return open(path, FileChannel.MapMode.READ_ONLY, 0, -1);
  }

  /**
   * Maps the beginning of a file that is open, for reading and writing; the channel may be closed afterwards. For
   * those who hold a lock of the file: closing another channel of it would give that lock up.
   *
   * @param path what the channel was opened by
   * @param bytes how many, 4 to 2^31 - 1; the file has as many
   */
  public static MappedMemory map(FileChannel channel, Path path, long bytes) throws IOException {
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(path, "path");
    checkBytes(bytes);
    FileIdentity identity = FileIdentity.ofPath(path);
    return map(channel, path, identity, FileChannel.MapMode.READ_WRITE, 0, bytes);
  }

  private static MappedMemory open(Path path, FileChannel.MapMode mode, long position, long bytes)
      throws IOException {
    Objects.requireNonNull(path, "path");
    if (!Files.exists(path)) {
      throw new NoSuchFileException(
          path.toString(),
          null,
          "no such file; expected one that MappedMemory.create or another program made");
    }
    if (!Files.isRegularFile(path)) {
      throw new FileSystemException(
          path.toString(),
          null,
          "found "
              + (Files.isDirectory(path) ? "a folder" : "something that is no file")
              + ", expected a regular file");
    }
    Set<OpenOption> options =
        mode == FileChannel.MapMode.READ_ONLY
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileIdentity identity = FileIdentity.ofPath(path);
    try (FileChannel channel = FileChannel.open(path, options)) {
      if (!identity.equals(FileIdentity.ofPath(path))) {
        return open(
            path, mode, position, bytes); // replaced meanwhile, and which one is open is not known
      }
      long found = channel.size();
      long wanted = bytes < 0 ? found : bytes;
      if (found - position < wanted) {
        throw new FileSystemException(
            path.toString(),
            null,
            "found "
                + found
                + " bytes, expected "
                + wanted
                + " from "
                + position
                + " on; was it truncated?");
      }
      if (!isMappable(wanted)) {
        throw new FileSystemException(path.toString(), null, notMappable(wanted));
      }
      return map(channel, path, identity, mode, position, wanted);
    }
  }

  private static void checkBytes(long bytes) {
    if (!isMappable(bytes)) {
      throw new IllegalArgumentException(notMappable(bytes));
    }
  }

  private static boolean isMappable(long bytes) {
    return bytes >= FutexWord.BYTES && bytes <= Integer.MAX_VALUE;
  }

  private static String notMappable(long bytes) {
    return "cannot map "
        + bytes
        + " bytes, expected "
        + FutexWord.BYTES
        + " to "
        + Integer.MAX_VALUE
        + "; open(path, position, bytes) maps a part of a larger file";
  }

  private static MappedMemory map(
      FileChannel channel,
      Path path,
      FileIdentity identity,
      FileChannel.MapMode mode,
      long position,
      long bytes)
      throws IOException {
    ByteBuffer mapped = channel.map(mode, position, bytes).order(ByteOrder.nativeOrder());
    return new MappedMemory(mapped, path, identity, position);
  }

  /**
   * The memory of a direct buffer, from its index 0 to its capacity; shared by name of the file if the buffer is a
   * shared mapping of one, by address otherwise. The buffer stays reachable, hence mapped, as long as this object;
   * unless its owner unmaps it by force (an arena, Agrona, Chronicle), who must then close this memory first.
   *
   * @throws IllegalArgumentException if the buffer is not direct, or its memory does not start at a multiple of 4
   */
  public static MappedMemory wrap(ByteBuffer direct) {
    Objects.requireNonNull(direct, "direct");
    if (!direct.isDirect()) {
      throw new IllegalArgumentException(
          "a heap buffer moves in memory, expected a direct one: " + direct);
    }
    if (direct.alignmentOffset(0, FutexWord.BYTES) != 0) {
      throw new IllegalArgumentException(
          "the buffer's memory starts "
              + direct.alignmentOffset(0, FutexWord.BYTES)
              + " bytes after a multiple of 4, expected one: "
              + direct);
    }
    try {
      ByteBuffer whole = direct.duplicate().order(ByteOrder.nativeOrder());
      whole.clear();
      return new MappedMemory(whole, null, null, 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self/maps", e);
    }
  }

  /**
   * The memory at an address that somebody else keeps there. Of a file that is mapped shared, this is a mapping of its
   * own, which meets the other one and does not mind when that goes. Other memory is used where it is; who gave it
   * must leave it there until {@code unused} was called.
   *
   * @param bytes its size, 4 to 2^31 - 1
   * @param unused called once when the memory at the address is no longer needed: before this returns, or by another
   *     thread when nothing reaches this memory any more, nor a word or a view of it; never if this throws
   * @throws IllegalArgumentException if there is no such memory, or it does not start at a multiple of 4
   */
  public static MappedMemory at(long address, long bytes, Runnable unused) {
    Objects.requireNonNull(unused, "unused");
    checkBytes(bytes);
    if (address % FutexWord.BYTES != 0) {
      throw new IllegalArgumentException(
          "found address 0x" + Long.toHexString(address) + ", expected a multiple of 4");
    }
    FutexSyscalls syscalls = FutexSyscalls.system();
    try {
      FileIdentity.Mapping mapping =
          FileIdentity.Mapping.at(address)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "found no memory at address 0x"
                              + Long.toHexString(address)
                              + ", expected "
                              + bytes
                              + " bytes"));
      MappedMemory again = mapAgain(mapping, address, bytes);
      if (again != null) {
        unused.run();
        return again;
      }
      ByteBuffer there = syscalls.memoryAt(address, (int) bytes);
      MappedMemory memory = wrap(mapping.writable() ? there : there.asReadOnlyBuffer());
      Unused.CLEANER.register(there, unused); // each view of a buffer reaches it
      return memory;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self/maps", e);
    }
  }

  /** With its thread, for those alone who need it. */
  private static final class Unused {
    static final Cleaner CLEANER = Cleaner.create();
  }

  /** Null if it is no shared mapping of a file, or what that was opened by leads to another file now, or to none. */
  private static MappedMemory mapAgain(FileIdentity.Mapping mapping, long address, long bytes) {
    if (!mapping.isSharedFile() || !mapping.contains(address + bytes - 1)) {
      return null;
    }
    try {
      MappedMemory again =
          open(
              Path.of(mapping.name()),
              mapping.writable() ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY,
              mapping.fileOffsetOf(address),
              bytes);
      return mapping.file().equals(again.file) && again.fileOffset == mapping.fileOffsetOf(address)
          ? again
          : null;
    } catch (IOException | InvalidPathException e) {
      return null;
    }
  }

  /**
   * The word at an offset, to be shared with whoever maps the same file, or, where no file is mapped, with whoever
   * uses the same address.
   *
   * @param offset in bytes, a multiple of 4
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public FutexWord word(long offset) {
    int index = checkOffset(offset);
    return file == null
        ? word(index, new FutexKey(KeyKind.SHARED_PRIVATE, null, address + index))
        : word(index, new FutexKey(KeyKind.SHARED_MAPPABLE, file, fileOffset + index));
  }

  /**
   * The word at an offset, for threads of this JVM alone, who wait and wake without system calls. It does not meet the
   * word that {@link #word} gives for the same bytes.
   */
  public FutexWord privateWord(long offset) {
    int index = checkOffset(offset);
    return word(index, new FutexKey(KeyKind.PRIVATE, null, address + index));
  }

  /**
   * Throws unless there can be a {@link Slot}.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @param bytes how many it takes
   * @return its index in the {@link #buffer}
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   */
  public int checkSlot(long offset, int bytes) {
    checkOpen();
    checkInside(offset, bytes);
    if ((address + offset) % Slot.ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "offset " + offset + " of " + this + " is not at a multiple of " + Slot.ALIGNMENT);
    }
    return (int) offset;
  }

  /** For {@link Slot}: what its fields are accessed through. */
  ByteBuffer slots() {
    return buffer;
  }

  /** For {@link Slot}. */
  long addressOf(int index) {
    return address + index;
  }

  /** For {@link Slot}: of what was mapped here, and so stays mapped; others may unmap theirs by force. */
  long baseOf(int index) {
    return path == null ? Cells.NONE : Cells.base(buffer, index);
  }

  private FutexWord word(int index, FutexKey key) {
    return new FutexWord(this, buffer, index, address + index, key);
  }

  private int checkOffset(long offset) {
    checkOpen();
    if (offset % FutexWord.BYTES != 0) {
      throw new IllegalArgumentException(
          "offset " + offset + " of " + this + " is not a multiple of 4");
    }
    checkInside(offset, FutexWord.BYTES);
    return (int) offset;
  }

  private void checkInside(long offset, int bytes) {
    long last = size() - bytes;
    if (offset < 0 || offset > last) {
      String expected = last < 0 ? "more bytes" : "offset 0 to " + last;
      throw new IllegalArgumentException(
          "offset "
              + offset
              + " of "
              + this
              + ", expected "
              + expected
              + ", for it takes "
              + bytes
              + " bytes");
    }
  }

  /** A view of the memory, for the data beside the words; native byte order. Its life is its own: close() spares it. */
  public ByteBuffer buffer() {
    checkOpen();
    return buffer.duplicate().order(ByteOrder.nativeOrder());
  }

  /** In bytes. */
  public long size() {
    return buffer.capacity();
  }

  /** The file that is really mapped, if it is a shared mapping of one. */
  public Optional<FileIdentity> file() {
    return Optional.ofNullable(file);
  }

  /** Whether the path still names the file that was mapped; false once it was unlinked or replaced. */
  public boolean isStillAtItsPath() {
    return sizeAtItsPath().isPresent();
  }

  /**
   * How long the file is now, in bytes; nothing if the path names it no more, since it was unlinked or replaced. One
   * system call.
   */
  public OptionalLong sizeAtItsPath() {
    if (path == null) {
      return OptionalLong.empty();
    }
    try {
      Map<String, Object> stat = Files.readAttributes(path, "unix:dev,ino,size");
      return FileIdentity.of(stat).equals(pathIdentity)
          ? OptionalLong.of((Long) stat.get("size"))
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** True after {@link #close()}. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Throws unless open.
   *
   * @throws ClosedMemoryException after {@link #close()}
   */
  public void checkOpen() {
    // Opaque: what orders it with a close is the look after a thread has entered itself as waiting.
    if ((boolean) CLOSED.getOpaque(this)) {
      throw new ClosedMemoryException(this);
    }
  }

  /**
   * Has a listener called once by {@link #close()}; adding it again does nothing. For those who make threads wait.
   */
  public void onClose(Consumer<MappedMemory> listener) {
    if (Objects.requireNonNull(listener, "listener") != lastListener
        && closeListeners.add(listener)) {
      lastListener = listener;
    }
  }

  /** Ends the use of the words and releases who waits on them. The second time does nothing. */
  @Override
  public void close() {
    synchronized (closeListeners) {
      if (closed) {
        return;
      }
      closed = true;
    }
    closeListeners.forEach(listener -> listener.accept(this));
  }

  /**
   * What to throw for a page that is not there.
   *
   * @param offset where it was missed, in bytes
   * @param cause what told so, or null
   */
  public TruncatedMemoryException fault(long offset, Throwable cause) {
    OptionalLong size = sizeAtItsPath();
    String now =
        size.isPresent()
            ? "the file has " + size.getAsLong() + " bytes now"
            : "its file can no longer be found at its path";
    return new TruncatedMemoryException(
        "offset "
            + offset
            + " of "
            + this
            + " is gone: mapped "
            + size()
            + " bytes, "
            + now
            + ". Fix: never truncate",
        cause);
  }

  @Override
  public String toString() {
    return path == null ? "buffer of " + size() + " bytes" : path + " (" + size() + " bytes)";
  }
}
