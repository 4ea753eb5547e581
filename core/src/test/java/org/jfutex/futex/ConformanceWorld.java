// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.linux.ConformanceSyscalls;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/** The words of one scene: A to H lie 64 bytes apart, Z lies two pages after A. */
final class ConformanceWorld {
  static final int BYTES = 16384;
  private static final int SPACING = 64;
  private static final int PAGE = 4096;
  private static final String LETTERS = "ABCDEFGHZ";
  private static final int Z_OFFSET = 2 * PAGE;

  /** Below vm.mmap_min_addr: never mapped. */
  private static final long UNMAPPED_ADDRESS = PAGE;

  private static final Pattern WORD = Pattern.compile("([A-Z])('?)([+-]\\d+)?");

  private final boolean isPrivate;
  private final Path path;
  private final MappedMemory memory;
  private final List<MappedMemory> otherMappings = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private MappedMemory alias;
  private MappedMemory readOnly;
  private MappedMemory truncated;

  private ConformanceWorld(boolean isPrivate, Path path, MappedMemory memory) {
    this.isPrivate = isPrivate;
    this.path = path;
    this.memory = memory;
  }

  /** A new world of zeros. */
  static ConformanceWorld create(String kind, String map) throws IOException {
    boolean isPrivate = kind.equals("private");
    if (map.equals("anon_private")) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES + PAGE).alignedSlice(PAGE);
      return new ConformanceWorld(isPrivate, null, MappedMemory.wrap(buffer));
    }
    Path path = map.equals("diskfile") ? temporary(Path.of("target").toAbsolutePath()) : onTmpfs();
    ConformanceWorld world =
        new ConformanceWorld(isPrivate, path, MappedMemory.create(path, BYTES));
    world.files.add(path);
    return world;
  }

  /** The world that another process made. */
  static ConformanceWorld open(String kind, Path path) throws IOException {
    return new ConformanceWorld(kind.equals("private"), path, MappedMemory.open(path));
  }

  /** A path for a file in memory, where there is such a file system. */
  static Path onTmpfs() {
    Path shm = Path.of("/dev/shm");
    return temporary(Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir")));
  }

  private static Path temporary(Path folder) {
    return folder.resolve("jfutex-conformance-" + UUID.randomUUID());
  }

  boolean isPrivate() {
    return isPrivate;
  }

  Path path() {
    return path;
  }

  MappedMemory memory() {
    return memory;
  }

  /** Whether {@link #word} can make something of this reference. */
  static boolean isWord(String reference) {
    Matcher word = WORD.matcher(reference);
    return word.matches() && Math.floorMod(addend(word), FutexWord.BYTES) == 0
        || reference.equals("RO_FILE")
        || reference.equals("TRUNC");
  }

  FutexWord word(String reference) {
    return word(reference, isPrivate);
  }

  /** {@code A}, {@code A'} through a second mapping, {@code A+4}, {@code RO_FILE}, {@code TRUNC}. */
  FutexWord word(String reference, boolean asPrivate) {
    if (reference.equals("RO_FILE")) {
      return word(readOnly(), 0, asPrivate);
    }
    if (reference.equals("TRUNC")) {
      return word(truncated(), 0, asPrivate);
    }
    Matcher word = matched(reference);
    return word(mapping(word), offset(word), asPrivate);
  }

  private static FutexWord word(MappedMemory memory, int offset, boolean asPrivate) {
    return asPrivate ? memory.privateWord(offset) : memory.word(offset);
  }

  /** The address that any reference stands for, whether or not there may be a word. */
  long address(String reference, FutexSyscalls syscalls) {
    return switch (reference) {
      case "NULL" -> 0;
      case "UNMAPPED" -> UNMAPPED_ADDRESS;
      case "NOACCESS" -> ConformanceSyscalls.mapInaccessible(syscalls);
      case "RO_FILE", "TRUNC" -> word(reference).address();
      default -> {
        Matcher word = matched(reference);
        yield mapping(word).word(0).address() + offset(word);
      }
    };
  }

  private static Matcher matched(String reference) {
    Matcher word = WORD.matcher(reference);
    if (!word.matches()) {
      throw new IllegalArgumentException("no word: " + reference);
    }
    return word;
  }

  private MappedMemory mapping(Matcher word) {
    return word.group(2).isEmpty() ? memory : alias();
  }

  private static int offset(Matcher word) {
    char letter = word.group(1).charAt(0);
    return (letter == 'Z' ? Z_OFFSET : (letter - 'A') * SPACING) + addend(word);
  }

  private static int addend(Matcher word) {
    return word.group(3) == null ? 0 : Integer.parseInt(word.group(3));
  }

  static int offset(String letter) {
    return offset(matched(letter));
  }

  // Called by the actors too.
  private synchronized MappedMemory alias() {
    if (alias == null) {
      alias = opened(() -> MappedMemory.open(path));
    }
    return alias;
  }

  private synchronized MappedMemory readOnly() {
    if (readOnly == null) {
      readOnly = opened(() -> MappedMemory.openReadOnly(path));
    }
    return readOnly;
  }

  /** A mapping whose file has lost its pages. Nobody reads or writes there but the kernel, which answers EFAULT. */
  private synchronized MappedMemory truncated() {
    if (truncated == null) {
      Path shrinking = onTmpfs();
      files.add(shrinking);
      truncated = opened(() -> MappedMemory.create(shrinking, PAGE));
      try (FileChannel channel = FileChannel.open(shrinking, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return truncated;
  }

  private interface Opening {
    MappedMemory open() throws IOException;
  }

  private MappedMemory opened(Opening opening) {
    try {
      MappedMemory mapping = opening.open();
      otherMappings.add(mapping);
      return mapping;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  int load(String letter) {
    return memory.word(offset(letter)).getVolatile();
  }

  void store(String letter, int value) {
    memory.word(offset(letter)).setVolatile(value);
  }

  /** Whether a thread that blocks on this address blocks on a word of this world. */
  synchronized boolean contains(long address) {
    return contains(memory, address) || otherMappings.stream().anyMatch(m -> contains(m, address));
  }

  private static boolean contains(MappedMemory memory, long address) {
    long start = memory.word(0).address();
    return start <= address && address < start + memory.size();
  }

  /** Wakes who waits on a word of either kind. */
  void wakeAll(FutexEngine engine) {
    for (String letter : LETTERS.split("")) {
      for (boolean asPrivate : new boolean[] {false, true}) {
        engine.wake(word(letter, asPrivate), Integer.MAX_VALUE, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      }
    }
  }

  /** Closes the mappings, whereupon the engine releases who still waits, and deletes the files. */
  synchronized void close(FutexEngine engine) throws IOException {
    List<MappedMemory> mappings = new ArrayList<>(otherMappings);
    mappings.add(memory);
    for (MappedMemory mapping : mappings) {
      mapping.onClose(engine::release);
      mapping.close();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
