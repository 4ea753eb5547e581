// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.TruncatedMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedRegionTest {
  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");

  @AfterEach
  void deleteFolder() {
    folder.close();
  }

  @Test
  void namesMeetAcrossMappings() throws IOException {
    try (SharedRegion one = SharedRegion.open(path);
        SharedRegion other = SharedRegion.open(path)) {
      one.word("phase").setVolatile(3);
      one.bytes("prices", 100).putDouble(8, 1.5);
      assertEquals(3, other.word("phase").getVolatile());
      assertEquals(1.5, other.bytes("prices", 100).getDouble(8));
      SharedMutex mutex = one.mutex("book");
      SharedCondition filled = one.condition("filled", mutex);
      mutex.lock();
      Actor<?> filler = Actor.start(() -> fill(other)).awaitBlocked(FutexManager.system());
      while (one.word("phase").getVolatile() == 3) {
        filled.awaitUninterruptibly();
      }
      mutex.unlock();
      filler.result();
    }
  }

  private static boolean fill(SharedRegion region) {
    SharedMutex mutex = region.mutex("book");
    mutex.lock();
    region.word("phase").setVolatile(4);
    region.condition("filled", mutex).signal();
    mutex.unlock();
    return true;
  }

  @Test
  void whatWasMadeOutlivesItsMakers() throws IOException {
    List<DirectoryEntry> made;
    try (SharedRegion region = SharedRegion.open(path, 4096)) {
      region.mutex("m", MutexKind.RECURSIVE);
      region.bytes("b", 65).put(64, (byte) 7);
      region.condition("c", region.mutex("m", MutexKind.RECURSIVE));
      region.word("w");
      made = region.directory();
    }
    try (SharedRegion region = SharedRegion.open(path, 1 << 20)) {
      assertEquals(4096, region.memory().size(), "one that exists keeps its size");
      assertEquals(7, region.bytes("b", 65).get(64));
      assertEquals(made, region.directory());
      assertEquals(List.of("m", "b", "c", "w"), made.stream().map(DirectoryEntry::name).toList());
    }
    assertEquals(4096, Files.size(path));
  }

  @Test
  void aNameStandsForOneThing() throws IOException {
    try (SharedRegion region = SharedRegion.open(path)) {
      region.mutex("a");
      region.bytes("b", 8);
      assertSays(
          "'a' of "
              + path
              + " (1048576 bytes): found mutex, robust error-check, expected mutex, normal",
          IllegalArgumentException.class,
          () -> region.mutex("a", MutexKind.NORMAL));
      assertSays(
          "found 8 bytes, expected 9 bytes",
          IllegalArgumentException.class,
          () -> region.bytes("b", 9));
      assertSays(
          "found 8 bytes, expected word", IllegalArgumentException.class, () -> region.word("b"));
      assertEquals(2, region.directory().size());
    }
  }

  @Test
  void everyKindIsFoundAgainByItsParametersAlone() throws IOException {
    try (SharedRegion region = SharedRegion.open(path);
        SharedRegion other = SharedRegion.open(path)) {
      EveryKind.make(region);
      assertEquals(
          EveryKind.make(region), EveryKind.make(other), "the states, with where they are");
      assertEquals(EnumSet.allOf(SlotKind.class), kindsOf(region));
      List.<Executable>of(
              () -> region.semaphore("a semaphore", 4),
              () -> region.robustSemaphore("a robust semaphore", 3),
              () -> region.readWriteLock("a read-write lock"),
              () -> region.compactReadWriteLock("a read-write lock"),
              () -> region.barrier("a barrier", 4),
              () -> region.latch("a latch", 4),
              () -> region.autoResetEvent("an event"),
              () -> region.event("an auto-reset event"))
          .forEach(call -> assertSays(": found ", IllegalArgumentException.class, call));
      assertSays(
          "found barrier, 3 parties, expected barrier, 4 parties",
          IllegalArgumentException.class,
          () -> other.barrier("a barrier", 4));
    }
  }

  private static Set<SlotKind> kindsOf(SharedRegion region) {
    return region.directory().stream().map(DirectoryEntry::kind).collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "größer als", "本", "name/with:signs"})
  void namesAreText(String name) throws IOException {
    try (SharedRegion region = SharedRegion.open(path);
        SharedRegion other = SharedRegion.open(path)) {
      region.word(name).setVolatile(1);
      assertEquals(1, other.word(name).getVolatile());
    }
  }

  @Test
  void namesHaveALimit() throws IOException {
    try (SharedRegion region = SharedRegion.open(path)) {
      region.word("ä".repeat(52));
      for (String name : List.of("", "x".repeat(105), "ä".repeat(53), "a\0b", "\ud800")) {
        assertThrows(IllegalArgumentException.class, () -> region.word(name));
      }
      assertThrows(NullPointerException.class, () -> region.word(null));
      assertThrows(IllegalArgumentException.class, () -> region.bytes("none", 0));
      assertEquals(1, region.directory().size());
    }
  }

  @Test
  void whatCannotBeMadeGetsNoName() throws IOException {
    try (SharedRegion region = SharedRegion.open(path)) {
      assertThrows(NullPointerException.class, () -> region.condition("c", null));
      assertThrows(IllegalArgumentException.class, () -> region.semaphore("s", -1));
      assertThrows(IllegalArgumentException.class, () -> region.robustSemaphore("s", 0));
      assertThrows(IllegalArgumentException.class, () -> region.robustSemaphore("s", -1));
      assertThrows(IllegalArgumentException.class, () -> region.readWriteLock("l", 0, null));
      assertThrows(IllegalArgumentException.class, () -> region.readWriteLock("l", 999, null));
      assertThrows(IllegalArgumentException.class, () -> region.barrier("b", 0));
      assertThrows(IllegalArgumentException.class, () -> region.latch("l", 0));
      assertThrows(RegionFullException.class, () -> region.bytes("b", Integer.MAX_VALUE));
      assertThrows(RegionFullException.class, () -> region.robustSemaphore("s", 1 << 24));
      assertEquals(List.of(), region.directory());
    }
  }

  @Test
  void aFullRegionSaysSoAndWorksOn() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, RegionHeader.BYTES + 4 * 192)) {
      for (int i = 0; i < 4; i++) {
        region.word("word " + i).setVolatile(i);
      }
      RegionFullException full =
          assertThrows(RegionFullException.class, () -> region.word("one more"));
      assertTrue(full.getMessage().contains("'one more', which takes 132 bytes"), full::toString);
      assertTrue(full.getMessage().contains("4 names and 0 bytes left"), full::toString);
      for (int i = 0; i < 4; i++) {
        assertEquals(i, region.word("word " + i).getVolatile());
      }
    }
  }

  @Test
  void theSmallestHoldsOneName() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, 448)) {
      region.mutex("only").lock();
      assertThrows(RegionFullException.class, () -> region.word("second"));
      region.mutex("only").unlock();
    }
    assertThrows(IllegalArgumentException.class, () -> SharedRegion.open(path, 447));
    assertThrows(IllegalArgumentException.class, () -> SharedRegion.open(path, 1L << 31));
  }

  @Test
  void itsSizeNeedNotBeEven() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, 1001)) {
      ByteBuffer bytes = region.bytes("b", 100);
      for (int i = 0; i < 100; i++) {
        bytes.put(i, (byte) 1);
      }
      assertEquals(960 - 128, region.directory().get(0).offset());
      region.word("w").setVolatile(-1);
    }
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(1, region.bytes("b", 100).get(99));
      assertEquals(0, region.bytes("b", 100).alignmentOffset(0, 64));
    }
  }

  @Test
  void itIsItsOwnersUnlessAsked() throws IOException {
    SharedRegion.open(path).close();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    Path wide = folder.file("wide");
    Set<PosixFilePermission> asked = PosixFilePermissions.fromString("rw-rw-rw-");
    SharedRegion.open(wide, 4096, asked).close();
    assertEquals(asked, Files.getPosixFilePermissions(wide), "whatever the mask of the process");
    SharedRegion.open(wide, 4096, PosixFilePermissions.fromString("rw-------")).close();
    assertEquals(asked, Files.getPosixFilePermissions(wide), "what exists stays as it is");
  }

  @Test
  void aDeletedOrReplacedFileIsNoticedWhenANameIsMade() throws IOException {
    try (SharedRegion region = SharedRegion.open(path)) {
      region.word("before").setVolatile(1);
      Files.delete(path);
      assertSays("deleted or replaced", RegionReplacedException.class, () -> region.word("after"));
      try (SharedRegion other = SharedRegion.open(path)) {
        assertThrows(RegionReplacedException.class, () -> region.word("after"));
        assertEquals(List.of(), other.directory());
      }
      assertEquals(1, region.word("before").getVolatile());
    }
  }

  @Test
  void aShortenedFileIsNoticedWhenANameIsMade() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, 16384)) {
      region.word("before");
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(8192);
      }
      assertThrows(TruncatedMemoryException.class, () -> region.word("after"));
    }
  }

  @Test
  void nothingWorksAfterClose() throws IOException {
    SharedRegion region = SharedRegion.open(path);
    SharedMutex mutex = region.mutex("m");
    region.close();
    region.close();
    assertThrows(ClosedMemoryException.class, mutex::lock);
    assertThrows(ClosedMemoryException.class, () -> region.mutex("m"));
    assertThrows(ClosedMemoryException.class, () -> region.word("w"));
    assertThrows(ClosedMemoryException.class, region::directory);
  }

  @Test
  void manyNamesAreFoundWithoutReadingAllEachTime() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, 20_000 * 192L);
        SharedRegion other = SharedRegion.open(path)) {
      for (int i = 0; i < 19_000; i++) {
        region.word("word " + i);
      }
      for (int i = 0; i < 19_000; i++) {
        other.word("word " + i).setVolatile(i);
      }
      assertEquals(19_000, region.directory().size());
      assertEquals(18_999, region.word("word 18999").getVolatile());
    }
  }

  @Test
  void threadsThatComeAtOnceGetTheSame() throws IOException {
    for (int round = 0; round < 20; round++) {
      Path file = folder.file("round " + round);
      List<Actor<List<DirectoryEntry>>> openers =
          IntStream.range(0, 4)
              .mapToObj(
                  number ->
                      Actor.start(
                          () -> {
                            try (SharedRegion region = SharedRegion.open(file, 65536)) {
                              for (int i = 0; i < 30; i++) {
                                region.word("word " + (i + 7 * number) % 30).getAndAdd(1);
                              }
                              return region.directory();
                            }
                          }))
              .toList();
      assertEquals(1, openers.stream().map(Actor::result).distinct().count());
      try (SharedRegion region = SharedRegion.open(file)) {
        for (int i = 0; i < 30; i++) {
          assertEquals(4, region.word("word " + i).getVolatile());
        }
      }
    }
  }

  @Test
  void aVirtualThreadMakesNamesToo() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "skipped: no virtual threads before JDK 21");
    try (SharedRegion region = SharedRegion.open(path, 448)) {
      List<Object> ends = new ArrayList<>();
      Runnable body =
          () -> {
            ends.add(region.word("w").getAndAdd(1));
            ends.add(assertThrows(RegionFullException.class, () -> region.word("v")).getClass());
          };
      Thread virtual =
          (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
      virtual.join(60_000);
      assertEquals(List.of(0, RegionFullException.class), ends);
      assertEquals(1, region.word("w").getVolatile());
    }
  }

  private static <T extends Throwable> void assertSays(
      String part, Class<T> type, Executable call) {
    String message = assertThrows(type, call).getMessage();
    assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
  }
}
