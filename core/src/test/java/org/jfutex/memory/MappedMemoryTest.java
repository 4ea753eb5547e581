// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedMemoryTest {
  @TempDir Path folder;

  /** Also at one moment by the clock, which once named the unfinished files. */
  @Test
  void threadsCreateFilesBesideOneAnother() {
    List<Actor<Void>> actors =
        Stream.of("a", "b", "c", "d")
            .map(
                name ->
                    Actor.<Void>start(
                        () -> {
                          for (int i = 0; i < 500; i++) {
                            MappedMemory.create(folder.resolve(name + i), 4).close();
                          }
                          return null;
                        }))
            .toList();
    actors.forEach(Actor::result);
  }

  @Test
  void createdFileHoldsZerosOfTheOwner() throws IOException {
    Path file = folder.resolve("new");
    try (MappedMemory memory = MappedMemory.create(file, 200_000)) {
      assertEquals(200_000, memory.size());
      assertEquals(200_000, Files.size(file));
      assertEquals(0, memory.word(199_996).getVolatile());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertTrue(memory.isStillAtItsPath());
    }
  }

  @Test
  void createdFileHoldsTheContentAndNothingBeforeIt() throws IOException {
    Path file = folder.resolve("f");
    ByteBuffer content = ByteBuffer.allocate(16).putLong(8, 42).position(8);
    try (MappedMemory memory = MappedMemory.create(file, content)) {
      assertEquals(8, memory.size());
      assertEquals(8, content.position());
      assertArrayEquals(Arrays.copyOfRange(content.array(), 8, 16), Files.readAllBytes(file));
    }
  }

  @Test
  void twoMappingsOfOneFileAreOneFutexAndShowTheSameBytes() throws IOException {
    Path file = folder.resolve("f");
    try (MappedMemory one = MappedMemory.create(file, 8192);
        MappedMemory other = MappedMemory.open(file);
        MappedMemory part = MappedMemory.open(file, 4, 4096)) {
      assertEquals(KeyKind.SHARED_MAPPABLE, one.word(64).key().kind());
      assertEquals(one.word(64).key(), other.word(64).key());
      assertEquals(one.word(64).key(), part.word(60).key());
      assertNotEquals(one.word(64).key(), other.word(68).key());
      assertNotEquals(one.privateWord(64).key(), other.privateWord(64).key());
      one.word(64).setVolatile(42);
      assertEquals(42, other.word(64).getVolatile());
      assertEquals(42, part.word(60).getVolatile());
    }
  }

  @Test
  void whoeverCreatesFirstAllGetTheSameFile() {
    for (int round = 0; round < 20; round++) {
      Path file = folder.resolve("f" + round);
      List<Actor<FutexKey>> openers =
          Stream.generate(
                  () ->
                      Actor.start(
                          () -> {
                            try (MappedMemory memory = MappedMemory.openOrCreate(file, 100_000)) {
                              memory.word(99_996).getAndAdd(1);
                              return memory.word(0).key();
                            }
                          }))
              .limit(4)
              .toList();
      assertEquals(1, openers.stream().map(Actor::result).distinct().count());
      assertEquals(4, readWord(file, 99_996));
    }
    assertEquals(20, folder.toFile().list().length, "no unfinished file is left");
  }

  private static int readWord(Path file, long offset) {
    try (MappedMemory memory = MappedMemory.openReadOnly(file)) {
      return memory.word(offset).getVolatile();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anyDirectBufferHasWords() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(64);
    direct.position(8).limit(12);
    MappedMemory anonymous = MappedMemory.wrap(direct);
    assertEquals(64, anonymous.size());
    assertEquals(KeyKind.SHARED_PRIVATE, anonymous.word(60).key().kind());
    assertEquals(anonymous.word(0).address() + 60, anonymous.word(60).address());

    Path file = folder.resolve("f");
    try (MappedMemory mapped = MappedMemory.create(file, 8192);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer theirs = channel.map(FileChannel.MapMode.READ_WRITE, 4096, 4096);
      assertEquals(mapped.word(4096 + 16).key(), MappedMemory.wrap(theirs).word(16).key());
      ByteBuffer copyOnWrite = channel.map(FileChannel.MapMode.PRIVATE, 0, 4096);
      assertEquals(KeyKind.SHARED_PRIVATE, MappedMemory.wrap(copyOnWrite).word(0).key().kind());
    }
  }

  @Test
  void aFileThatIsMappedAtAnAddressIsMappedOnceMore() throws IOException {
    Path file = Files.write(folder.resolve("a b"), new byte[8192]);
    AtomicInteger unused = new AtomicInteger();
    try (MappedMemory theirs = MappedMemory.open(file);
        MappedMemory mine =
            MappedMemory.at(theirs.word(64).address(), 128, unused::incrementAndGet)) {
      assertEquals(1, unused.get());
      assertEquals(128, mine.size());
      assertNotEquals(theirs.word(64).address(), mine.word(0).address());
      assertEquals(theirs.word(64).key(), mine.word(0).key());
      theirs.word(68).setVolatile(7);
      assertEquals(7, mine.word(4).getVolatile());
    }
    try (MappedMemory theirs = MappedMemory.openReadOnly(file);
        MappedMemory mine = MappedMemory.at(theirs.word(0).address(), 64, () -> {})) {
      assertThrows(ReadOnlyMemoryException.class, () -> mine.word(0).setVolatile(1));
    }
  }

  @Test
  void whatCannotBeMappedOnceMoreIsUsedWhereItIs() throws IOException {
    Path file = folder.resolve("f");
    try (MappedMemory theirs = MappedMemory.create(file, 64)) {
      FutexWord word = theirs.word(0);
      Files.delete(file);
      MappedMemory deleted = MappedMemory.at(word.address(), 64, () -> {});
      assertEquals(word.address(), deleted.word(0).address());
      assertEquals(word.key(), deleted.word(0).key());
      Files.write(file, new byte[64]);
      MappedMemory replaced = MappedMemory.at(word.address(), 64, () -> {});
      assertEquals(word.address(), replaced.word(0).address());
      Reference.reachabilityFence(theirs);
    }
  }

  @Test
  void memoryOfNoFileIsNeededAsLongAsSomethingReachesIt() {
    ByteBuffer theirs = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    long address = MappedMemory.wrap(theirs).word(0).address();
    AtomicInteger unused = new AtomicInteger();
    FutexWord word = MappedMemory.at(address, 64, unused::incrementAndGet).word(8);
    ByteBuffer view = word.memory().buffer().slice(8, 4).order(ByteOrder.nativeOrder());
    assertEquals(address + 8, word.address());
    assertEquals(KeyKind.SHARED_PRIVATE, word.key().kind());
    word.setVolatile(7);
    assertEquals(7, theirs.getInt(8));
    word.memory().close();
    System.gc();
    assertEquals(7, word.getEvenIfClosed());
    word = null;
    System.gc();
    assertEquals(7, view.getInt(0));
    assertEquals(0, unused.get());
    view = null;
    Eventually.until(
        "unused",
        () -> {
          System.gc();
          return unused.get() == 1;
        });
    Reference.reachabilityFence(theirs);
  }

  @Test
  void whereThereIsNoMemoryThereIsAnError() {
    assertSays(
        "no memory at address 0x40, expected 64 bytes",
        IllegalArgumentException.class,
        () -> MappedMemory.at(64, 64, () -> {}));
    assertSays(
        "cannot map 0 bytes",
        IllegalArgumentException.class,
        () -> MappedMemory.at(64, 0, () -> {}));
  }

  @Test
  void heapAndUnalignedBuffersAreRefused() {
    assertSays(
        "heap buffer",
        IllegalArgumentException.class,
        () -> MappedMemory.wrap(ByteBuffer.allocate(64)));
    ByteBuffer odd = ByteBuffer.allocateDirect(64).position(1).slice();
    assertSays("multiple of 4", IllegalArgumentException.class, () -> MappedMemory.wrap(odd));
  }

  @Test
  void offsetsOutsideOrUnalignedAreRefused() throws IOException {
    try (MappedMemory memory = MappedMemory.create(folder.resolve("f"), 4098)) {
      assertEquals(4092, memory.word(4092).offset());
      for (long outside :
          new long[] {-4, 4096, 8192, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE - 3}) {
        String says =
            assertThrows(IllegalArgumentException.class, () -> memory.word(outside)).getMessage();
        assertTrue(says.contains("offset " + outside) && says.contains("0 to 4094"), says);
      }
      String says =
          assertThrows(IllegalArgumentException.class, () -> memory.privateWord(66)).getMessage();
      assertTrue(says.contains("66") && says.contains("multiple of 4"), says);
      says =
          assertThrows(IllegalArgumentException.class, () -> memory.checkSlot(0, 8192))
              .getMessage();
      assertTrue(says.contains("expected more bytes, for it takes 8192 bytes"), says);
    }
  }

  @Test
  void filesThatCannotBeMappedAreRefused() throws IOException {
    Path missing = folder.resolve("missing");
    assertSays("missing", NoSuchFileException.class, () -> MappedMemory.open(missing));
    assertSays("a folder", FileSystemException.class, () -> MappedMemory.open(folder));
    assertSays("no file", FileSystemException.class, () -> MappedMemory.open(Path.of("/dev/null")));
    Path empty = Files.createFile(folder.resolve("empty"));
    assertSays("0 bytes", FileSystemException.class, () -> MappedMemory.open(empty));
    Path small = Files.write(folder.resolve("small"), new byte[100]);
    assertSays(
        "found 100 bytes, expected 100 from 64 on",
        FileSystemException.class,
        () -> MappedMemory.open(small, 64, 100));
    assertSays(
        "found 100 bytes",
        FileSystemException.class,
        () -> MappedMemory.open(small, Long.MAX_VALUE - 3, 64));
    assertSays("position 2", IllegalArgumentException.class, () -> MappedMemory.open(small, 2, 8));
    assertSays(
        small + ": there is a file already",
        FileAlreadyExistsException.class,
        () -> MappedMemory.create(small, 64));
    assertEquals(100, Files.size(small), "an existing file is not touched");
    assertSays(
        "cannot map 3 bytes",
        IllegalArgumentException.class,
        () -> MappedMemory.create(missing, 3));
    assertSays(
        "2147483648", IllegalArgumentException.class, () -> MappedMemory.create(missing, 1L << 31));
    assertFalse(Files.exists(missing), "nothing is left of a file that could not be created");
  }

  @Test
  void fileWithoutWritePermissionIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[64]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeTrue(!Files.isWritable(file), "skipped: this user may write every file");
    assertThrows(java.nio.file.AccessDeniedException.class, () -> MappedMemory.open(file));
  }

  @Test
  void readOnlyMappingCanBeReadButNotChanged() throws IOException {
    Path file = folder.resolve("f");
    try (MappedMemory writable = MappedMemory.create(file, 64);
        MappedMemory memory = MappedMemory.openReadOnly(file)) {
      writable.word(8).setVolatile(7);
      FutexWord word = memory.word(8);
      assertEquals(7, word.getVolatile());
      assertEquals(writable.word(8).key(), word.key());
      assertSays("read-only", ReadOnlyMemoryException.class, () -> word.setVolatile(1));
      assertSays("read-only", ReadOnlyMemoryException.class, () -> word.setRelease(1));
      assertSays("read-only", ReadOnlyMemoryException.class, () -> word.compareAndSet(7, 1));
      assertSays("read-only", ReadOnlyMemoryException.class, () -> word.getAndSet(1));
      assertSays("read-only", ReadOnlyMemoryException.class, () -> word.getAndAdd(1));
      assertFalse(word.compareAndSet(8, 1), "a mismatch is a mismatch");
      assertEquals(7, writable.word(8).getVolatile());
    }
  }

  @Test
  void nothingWorksAfterCloseAndTheBytesStay() throws IOException {
    Path file = folder.resolve("f");
    MappedMemory memory = MappedMemory.create(file, 64);
    FutexWord word = memory.word(0);
    word.setVolatile(5);
    memory.close();
    memory.close();
    assertTrue(memory.isClosed());
    assertSays("closed", ClosedMemoryException.class, word::getVolatile);
    assertSays("closed", ClosedMemoryException.class, () -> word.setVolatile(1));
    assertSays("closed", ClosedMemoryException.class, () -> word.setRelease(1));
    assertSays("closed", ClosedMemoryException.class, () -> word.compareAndSet(5, 1));
    assertSays("closed", ClosedMemoryException.class, () -> word.getAndSet(1));
    assertSays("closed", ClosedMemoryException.class, () -> word.getAndAdd(1));
    assertSays("closed", ClosedMemoryException.class, () -> memory.word(0));
    assertSays("closed", ClosedMemoryException.class, memory::buffer);
    try (MappedMemory again = MappedMemory.open(file)) {
      assertEquals(5, again.word(0).getVolatile());
    }
  }

  @Test
  void replacedFileIsNoticed() throws IOException {
    Path file = folder.resolve("f");
    try (MappedMemory memory = MappedMemory.create(file, 64)) {
      Files.delete(file);
      assertFalse(memory.isStillAtItsPath());
      Files.write(file, new byte[64]);
      try (MappedMemory other = MappedMemory.open(file)) {
        assertNotEquals(memory.word(0).key(), other.word(0).key());
      }
    }
  }

  @Test
  void mapsLinesAreUnderstood() {
    FileIdentity.Mapping mapping =
        FileIdentity.Mapping.parse(
            "7f1c2e000000-7f1c2e004000 rw-s 00001000 fd:1b 4711                       /dev/shm/a b");
    assertTrue(mapping.shared());
    assertEquals(new FileIdentity(0xfdL << 32 | 0x1b, 4711), mapping.file());
    assertEquals(0x1000, mapping.fileOffset());
    assertEquals(0x1008, mapping.fileOffsetOf(0x7f1c2e000008L));
    assertTrue(mapping.writable());
    assertEquals("/dev/shm/a b", mapping.name());
    assertTrue(mapping.contains(0x7f1c2e003fffL));
    assertFalse(mapping.contains(0x7f1c2e004000L));
    FileIdentity.Mapping vsyscall =
        FileIdentity.Mapping.parse(
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]");
    assertFalse(vsyscall.shared());
    assertEquals(null, vsyscall.file());
  }

  private static <T extends Throwable> void assertSays(
      String part, Class<T> type, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(type, call).getMessage();
    assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
  }
}
