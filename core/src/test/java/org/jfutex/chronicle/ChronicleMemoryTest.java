// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.core.io.ReferenceOwner;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.JvmFlags;
import org.jfutex.memory.KeyKind;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedSemaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapters")
class ChronicleMemoryTest {
  private static final int CHUNK = 1 << 16;
  private static final int COUNT = 64;

  private final SharedFolder folder = new SharedFolder();
  private final File file = folder.file("book").toFile();
  private final FutexManager futexes = FutexManager.system();

  @AfterEach
  void deleteFiles() {
    folder.close();
  }

  @Test
  void chronicleAndOthersMeetInOneFile() throws IOException {
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
    try (ChronicleMemory words = ChronicleMemory.of(book, 128, 64);
        MappedMemory other = MappedMemory.open(file.toPath())) {
      assertEquals(KeyKind.SHARED_MAPPABLE, words.memory().word(8).key().kind());
      assertEquals(other.word(136).key(), words.memory().word(8).key());
      book.writeInt(136, 42);
      assertEquals(42, words.memory().word(8).getVolatile());
      assertEquals(42, other.word(136).getVolatile());
    }
    book.releaseLast();
  }

  /** Locks, counts where Chronicle wrote, and is killed while it holds the lock; it knows nothing of Chronicle. */
  static final class Peer {
    public static void main(String[] arguments) throws IOException {
      MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
      SharedMutex.at(memory, 0).lock();
      memory.word(COUNT).getAndAdd(1);
      while (true) {
        FutexManager.system().wait(memory.word(COUNT + 4), 0);
      }
    }
  }

  @Test
  void aMutexInMappedBytesIsHandedOnByAProcessThatDied() throws IOException {
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
    try (ChronicleMemory words = ChronicleMemory.of(book, 0, 64)) {
      SharedMutex mutex = SharedMutex.at(words.memory(), 0);
      book.writeInt(COUNT, 7);
      Process peer = ChildJvm.start(List.of(), Peer.class, file.getPath());
      try {
        Eventually.until("locked", () -> book.readVolatileInt(COUNT) == 8);
        Actor<Acquisition> next =
            Actor.start(
                    () -> {
                      Acquisition how = mutex.acquire();
                      mutex.makeConsistent();
                      mutex.unlock();
                      return how;
                    })
                .awaitBlocked(futexes);
        peer.destroyForcibly();
        assertEquals(Acquisition.OWNER_DIED, next.result());
      } finally {
        peer.destroyForcibly();
      }
    }
    book.releaseLast();
  }

  @Test
  void whatWaitsIsWokenFromAnotherMapping() throws Exception {
    MappedBytes book = MappedBytes.singleMappedBytes(file, CHUNK);
    try (ChronicleMemory words = ChronicleMemory.of(book, 4096, 192);
        MappedMemory other = MappedMemory.open(file.toPath(), 4096, 192)) {
      SharedMutex mutex = SharedMutex.at(words.memory(), 0);
      SharedCondition filled = SharedCondition.at(words.memory(), 64, mutex);
      Actor<Boolean> waiter =
          Actor.start(
                  () -> {
                    mutex.lock();
                    while (book.readInt(0) == 0) {
                      filled.await();
                    }
                    mutex.unlock();
                    return true;
                  })
              .awaitBlocked(futexes);
      SharedMutex same = SharedMutex.at(other, 0);
      same.lock();
      book.writeInt(0, 1);
      SharedCondition.at(other, 64, same).signal();
      same.unlock();
      assertTrue(waiter.result());

      Actor<Boolean> taker =
          Actor.start(
                  () -> {
                    SharedSemaphore.at(words.memory(), 128, 0).acquire();
                    return true;
                  })
              .awaitBlocked(futexes);
      SharedSemaphore.at(other, 128, 0).release();
      assertTrue(taker.result());
    }
    book.releaseLast();
  }

  @Test
  void theChunkIsReservedUntilTheClose() throws IOException {
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
    book.writeInt(CHUNK + 8, 5);
    ReferenceOwner test = ReferenceOwner.temporary("test");
    MappedBytesStore chunk = book.mappedFile().acquireByteStore(test, CHUNK);
    int before = chunk.refCount();
    ChronicleMemory words = ChronicleMemory.of(book, CHUNK, 64);
    assertEquals(before + 1, chunk.refCount());
    FutexWord word = words.memory().word(8);
    for (int far = 2; far < 20; far++) {
      book.writeInt((long) far * CHUNK, far); // grows, and leaves the chunk
    }
    assertEquals(5, word.getVolatile());
    assertTrue(chunk.refCount() > 1);
    words.close();
    words.close();
    chunk.release(test);
    assertEquals(0, chunk.refCount());
    book.releaseLast();
  }

  @Test
  void afterACloseNothingHoldsTheFileAndNothingCrashes() throws Exception {
    for (int round = 0; round < 20; round++) {
      MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
      ChronicleMemory words = ChronicleMemory.of(book, 0, 64);
      SharedMutex mutex = SharedMutex.at(words.memory(), 0, MutexKind.NORMAL);
      FutexWord word = words.memory().word(COUNT - 8);
      List<Actor<Throwable>> users =
          IntStream.range(0, 3)
              .mapToObj(
                  i ->
                      Actor.start(
                          () ->
                              assertThrows(
                                  ClosedMemoryException.class,
                                  () -> {
                                    while (true) {
                                      mutex.lock();
                                      word.getAndAdd(1);
                                      mutex.unlock();
                                    }
                                  })))
              .<Actor<Throwable>>map(actor -> Actor.start(actor::result))
              .toList();
      int seen = word.getVolatile();
      Eventually.until("at work", () -> word.getVolatile() > seen + 1000);
      words.close();
      book.releaseLast();
      assertEquals(0, book.mappedFile().refCount());
      users.forEach(user -> assertInstanceOf(ClosedMemoryException.class, user.result()));
      // One of them may have been stopped between lock and unlock: that is for its thread's end to
      // mark.
      Files.delete(file.toPath());
    }
  }

  @Test
  void aCloseReleasesWhoWaits() throws IOException {
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
    ChronicleMemory words = ChronicleMemory.of(book, 0, 64);
    SharedMutex mutex = SharedMutex.at(words.memory(), 0);
    mutex.lock();
    Actor<Acquisition> waiter = Actor.start(mutex::acquire).awaitBlocked(futexes);
    words.close();
    book.releaseLast();
    assertInstanceOf(ClosedMemoryException.class, waiter.failure());
    assertThrows(ClosedMemoryException.class, () -> words.memory().word(0));
    assertThrows(ClosedMemoryException.class, mutex::unlock);
  }

  @Test
  void nativeMemoryStaysReservedUntilNothingReachesIt() {
    BytesStore<?, ?> store = BytesStore.nativeStoreWithFixedCapacity(128);
    ChronicleMemory words = ChronicleMemory.of(store, 64, 64);
    FutexWord word = words.memory().word(8);
    assertEquals(store.addressForRead(72), word.address());
    assertEquals(KeyKind.SHARED_PRIVATE, word.key().kind());
    SharedMutex mutex = SharedMutex.at(words.memory(), 0, MutexKind.NORMAL);
    mutex.lock();
    Actor<Boolean> other = Actor.start(mutex::tryLock);
    assertFalse(other.result());
    words.close();
    assertEquals(2, store.refCount());
    assertThrows(ClosedMemoryException.class, mutex::unlock);
    words = null;
    word = null;
    mutex = null;
    Eventually.until(
        "given back",
        () -> {
          System.gc();
          return store.refCount() == 1;
        });
    store.releaseLast();
  }

  @Test
  void aFileThatWasDeletedIsUsedWhereItIs() throws IOException {
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK);
    book.writeInt(0, 3);
    Files.delete(file.toPath());
    try (ChronicleMemory words = ChronicleMemory.of(book, 0, 64)) {
      assertEquals(book.bytesStore().addressForRead(0), words.memory().word(0).address());
      assertEquals(3, words.memory().word(0).getVolatile());
    }
    book.releaseLast();
  }

  @Test
  void elasticBytesThatGrowLeaveTheWordsBehind() {
    Bytes<?> bytes = Bytes.allocateElasticDirect(64);
    try (ChronicleMemory words = ChronicleMemory.of(bytes)) {
      bytes.writeInt(0, 9);
      FutexWord word = words.memory().word(0);
      assertEquals(9, word.getVolatile());
      bytes.write(new byte[100_000]);
      assertNotEquals(word.address(), bytes.addressForRead(0));
      assertEquals(64, words.memory().size());
      word.setVolatile(1);
    }
    bytes.releaseLast();
  }

  @Test
  void whatIsMappedReadOnlyCannotBeChanged() throws IOException {
    Files.write(file.toPath(), new byte[CHUNK]);
    MappedBytes book = MappedBytes.readOnly(file);
    try (ChronicleMemory words = ChronicleMemory.of(book, 0, 64)) {
      FutexWord word = words.memory().word(0);
      assertEquals(0, word.getVolatile());
      assertThrows(ReadOnlyMemoryException.class, () -> word.setVolatile(1));
    }
    book.releaseLast();
  }

  @Test
  void whatHasNoPlaceForWordsIsRefused() throws IOException {
    assertSays(
        "HeapBytesStore, which the garbage collector moves, expected native memory: MappedBytes",
        () -> ChronicleMemory.of(BytesStore.wrap(new byte[64])));
    assertSays("which the garbage collector moves", () -> ChronicleMemory.of(Bytes.from("heap")));
    MappedBytes book = MappedBytes.mappedBytes(file, CHUNK, 4096);
    assertSays("of(bytes, offset, size)", () -> ChronicleMemory.of(book));
    assertSays(
        "found offset 65472 and 5000 bytes, expected a part of what is mapped at once, from 0 to 69632",
        () -> ChronicleMemory.of(book, CHUNK - 64, 5000));
    assertSays("found offset -8", () -> ChronicleMemory.of(book, -8, 64));
    assertSays("expected a multiple of 4", () -> ChronicleMemory.of(book, 2, 64));
    assertSays("cannot map 0 bytes", () -> ChronicleMemory.of(book, 0, 0));
    assertEquals("refCount: 1, 0", book.mappedFile().referenceCounts());
    book.releaseLast();
  }

  private static void assertSays(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void theReadmeNamesTheFlags() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    assertEquals(3, JvmFlags.of(ChronicleMemory.class).size());
    JvmFlags.of(ChronicleMemory.class).forEach(flag -> assertTrue(readme.contains(flag), flag));
  }

  /** What somebody does who has not read about flags. */
  static final class WithoutFlags {
    public static void main(String[] arguments) throws IOException {
      MappedBytes book = MappedBytes.mappedBytes(new File(arguments[0]), CHUNK);
      for (int use = 1; use <= 2; use++) {
        try {
          ChronicleMemory.of(book, 0, 64);
        } catch (UnsupportedOperationException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  void withoutItsFlagsTheErrorNamesThem() {
    String path = file.getPath();
    List<String> flags = JvmFlags.of(ChronicleMemory.class);
    for (List<String> tooFew :
        List.of(List.<String>of(), flags.subList(0, 1), flags.subList(1, 2))) {
      ChildJvm.Ended without = ChildJvm.run(tooFew, WithoutFlags.class, path);
      List<String> said =
          without.output().lines().filter(line -> line.startsWith("Chronicle could not")).toList();
      assertEquals(2, said.size(), without::toString);
      said.forEach(line -> flags.forEach(flag -> assertTrue(line.contains(flag), line)));
    }
    ChildJvm.Ended with = ChildJvm.run(flags, WithoutFlags.class, path);
    assertFalse(with.output().contains("could not"), with::toString);
    assertEquals(0, with.status(), with::toString);
  }
}
