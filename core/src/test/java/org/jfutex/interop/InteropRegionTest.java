// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.region.DirectoryEntry;
import org.jfutex.region.SharedRegion;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.SharedFolder;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions that C and Java make, open and fill together. */
class InteropRegionTest {
  private static final int BYTES = 8192;
  private static final int ROUNDS = 20;
  private static final int NAMES = 30;

  /** Where in the file it is. */
  private static final int VERSION = 8;

  private static final String LONGEST = "n".repeat(DirectoryEntry.NAME_BYTES_MAX);

  private final TestMemory test = new TestMemory();
  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");
  private final List<CPeer> peers = new ArrayList<>();

  @AfterEach
  void close() {
    peers.forEach(CPeer::close);
    folder.close();
    test.close();
  }

  private CPeer c() {
    CPeer peer = HeaderPeer.inC(test.path());
    peers.add(peer);
    return peer;
  }

  private static String ok(CPeer peer, String command) {
    String answer = peer.ask(command);
    assertTrue(answer.startsWith("OK"), () -> command + ": " + answer);
    return answer.substring("OK".length()).strip();
  }

  /** A region that one process of C made, and keeps open. */
  private CPeer open(Path file) {
    CPeer peer = c();
    ok(peer, "region-open " + file + " " + BYTES);
    return peer;
  }

  /** What C is told, and what Java does instead. */
  private static Map<String, BiConsumer<SharedRegion, String>> finders() {
    Map<String, BiConsumer<SharedRegion, String>> finders = new LinkedHashMap<>();
    Kinds.all()
        .forEach(
            kind ->
                finders.put(
                    "mutex " + kind.toString().replace(' ', '-') + " " + HeaderPeer.fieldOf(kind),
                    (region, name) -> region.mutex(name, kind, Kinds.NO_REPAIR)));
    finders.put("word h\u00f6he\u20ac\ud83d\ude00", SharedRegion::word);
    finders.put("bytes " + LONGEST + " 100", (region, name) -> region.bytes(name, 100));
    finders.put(
        "condition changed",
        (region, name) -> region.condition(name, region.mutex("normal", MutexKind.NORMAL)));
    finders.put("rwlock book", SharedRegion::compactReadWriteLock);
    finders.put("barrier round 3", (region, name) -> region.barrier(name, 3));
    finders.put("latch begun 4", (region, name) -> region.latch(name, 4));
    finders.put("event open", SharedRegion::event);
    finders.put("event-auto next", SharedRegion::autoResetEvent);
    finders.put("doorbell bell", SharedRegion::doorbell);
    return finders;
  }

  /** The same calls make the same file, byte by byte; and each finds what the other one made. */
  @Test
  void theSameBytes() throws IOException {
    Path ofC = folder.file("c");
    Path ofJava = folder.file("java");
    CPeer maker = open(ofC);
    CPeer finder = c();
    try (SharedRegion made = SharedRegion.open(ofJava, BYTES);
        SharedRegion found = SharedRegion.open(ofC)) {
      ok(finder, "region-open " + ofJava + " 0");
      finders()
          .forEach(
              (told, done) -> {
                String name = told.split(" ")[1];
                String offset = ok(maker, "region-" + told);
                done.accept(made, name);
                done.accept(found, name);
                assertEquals(offset, ok(finder, "region-" + told), told);
                assertEquals(offset, ok(maker, "region-" + told), told);
              });
      assertEquals(made.directory(), found.directory());
      assertEquals(ok(maker, "region-list"), ok(finder, "region-list"));
      assertEquals(finders().size(), found.directory().size());
    }
    assertArrayEquals(Files.readAllBytes(ofJava), Files.readAllBytes(ofC));
    assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(ofC));
  }

  /** Processes of C and threads of this JVM open a new file at the same moment. */
  @Test
  void allAgreeOnOneLayout() throws IOException {
    List<CPeer> c = List.of(c(), c(), c());
    for (int round = 0; round < ROUNDS; round++) {
      Path file = folder.file("round-" + round);
      c.forEach(peer -> peer.tell("region-round " + file + " " + NAMES));
      List<Actor<String>> java =
          IntStream.range(0, 2).mapToObj(unused -> Actor.start(() -> round(file))).toList();
      Set<String> layouts = c.stream().map(CPeer::answer).collect(Collectors.toSet());
      java.forEach(actor -> layouts.add(actor.result()));
      assertEquals(1, layouts.size(), layouts::toString);
      try (SharedRegion region = SharedRegion.open(file)) {
        assertEquals(NAMES, region.directory().size());
        for (int i = 0; i < NAMES; i++) {
          assertEquals(c.size() + java.size(), region.word("word" + i).getVolatile());
        }
      }
      Files.delete(file);
    }
  }

  /** As {@code region-round}. */
  private static String round(Path file) throws IOException {
    try (SharedRegion region = SharedRegion.open(file)) {
      StringBuilder places = new StringBuilder("OK");
      for (int i = 0; i < NAMES; i++) {
        FutexWord word = region.word("word" + i);
        word.getAndAdd(1);
        places.append(' ').append(word.offset());
      }
      return places.toString();
    }
  }

  /** What it did not publish is written over, by Java or by C. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "Java"})
  void oneIsKilledWhileItAddsAName(String next) throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      CPeer heir = open(path);
      CPeer victim = open(path);
      region.word("before");
      ok(victim, "region-begin half-a-name");
      Actor<FutexWord> java = null;
      if (next.equals("C")) {
        heir.tell("region-word after");
        Eventually.until(
            "C waits for the mutex",
            () -> ProcThread.sleepsOn(heir.pid(), heir.tid(), 0, Long.MAX_VALUE));
      } else {
        java = Actor.start(() -> region.word("after"));
        java.awaitBlocked(FutexManager.system());
      }
      victim.die();
      String place = next.equals("C") ? heir.answer() : "OK " + java.result().offset();
      assertEquals("OK " + region.word("after").offset(), place);
      assertEquals(place, heir.ask("region-word after"));
      assertEquals(List.of("before", "after"), names(region));
      region.word("later");
      ok(heir, "region-word last");
      assertEquals(List.of("before", "after", "later", "last"), names(region));
    }
  }

  private static List<String> names(SharedRegion region) {
    return region.directory().stream().map(DirectoryEntry::name).toList();
  }

  /** Whatever step the one who made it was killed at. */
  @ParameterizedTest
  @CsvSource({"0, 0", "100, 0", "8192, 0", "10000, 0", "8192, 8", "8192, 56"})
  void anUnfinishedOneIsMadeAnew(int size, int headerBytes) throws IOException {
    open(folder.file("whole"));
    byte[] whole = Files.readAllBytes(folder.file("whole"));
    byte[] begun = Arrays.copyOf(new byte[0], size);
    System.arraycopy(whole, 0, begun, 0, headerBytes);
    if (headerBytes > VERSION) {
      begun[VERSION] = 0;
    }
    Files.write(path, begun);
    CPeer peer = open(path);
    String place = ok(peer, "region-word first");
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(Math.max(size, BYTES), region.memory().size());
      assertEquals(place, Integer.toString(region.word("first").offset()));
    }
  }

  /** As Java does; the file stays as it is. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "  0 | 0x21 | EBADMSG | magic: found 0x47527865747566",
        "  8 | 2    | EBADMSG | version: found 2, expected 1",
        "  8 | 0    | EBADMSG | version: found 0, expected 1",
        " 12 | 5    | EBADMSG | byte order: found 0x01020305, expected 0x01020304",
        " 16 | 1    | EBADMSG | size: found 8193 and a file of 8192 bytes",
        " 24 | 4    | EBADMSG | features: found 0x4, expected 0",
        " 48 | 1    | EBADMSG | PID namespace: found ",
        "144 | 7    | EBADMSG | the directory's mutex: found kind 0x7, expected 0x92",
      })
  void aByteThatIsWrong(long offset, String value, String error, String message)
      throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      region.mutex("m");
    }
    put(offset, Integer.decode(value));
    assertRefused(error, message);
    assertThrows(FileSystemException.class, () -> SharedRegion.open(path));
  }

  @Test
  void anotherRunOfTheKernel() throws IOException {
    SharedRegion.open(path, BYTES).close();
    put(40, 0x55);
    assertRefused("ESTALE", "boot id: found that of another run of the kernel");
    SharedRegion.open(path).close();
    open(path);
  }

  /** A directory in which C finds nothing but what can be there. */
  @ParameterizedTest
  @CsvSource({"59, 0x80", "264, 1", "271, 0xff", "272, 200", "279, 0x80", "280, 0"})
  void anEntryThatIsWrong(long offset, String value) throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      region.mutex("m");
    }
    put(offset, Integer.decode(value));
    String answer = open(path).ask("region-word another");
    assertTrue(answer.startsWith("EBADMSG directory entry "), answer);
  }

  @Test
  void filesOfSomethingElse() throws IOException {
    Files.writeString(path, "hello");
    assertRefused("EBADMSG", "magic: found 0x0000006f6c6c6568, expected \"jfutexRG\"");
    Path link = folder.file("link");
    Files.createSymbolicLink(link, folder.file("target"));
    Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertTrue(c().ask("region-open " + link + " 0").startsWith("EBADMSG " + link + ": found the"));
    String answer = c().ask("region-open " + folder.path() + " 0");
    assertTrue(answer.endsWith("found a folder, expected a regular file"), answer);
  }

  private void assertRefused(String error, String message) throws IOException {
    byte[] before = Files.readAllBytes(path);
    String answer = c().ask("region-open " + path + " 0");
    assertTrue(answer.startsWith(error + " " + path + ": " + message), answer);
    assertArrayEquals(before, Files.readAllBytes(path), "it stays as it is");
  }

  private void put(long offset, int value) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), offset);
    }
  }

  @Test
  void namesThatCannotBe() throws IOException {
    CPeer peer = open(path);
    ok(peer, "region-latch begun 3");
    for (String command :
        List.of(
            "word " + LONGEST + "n",
            "word begun",
            "latch begun 4",
            "latch none 0",
            "barrier none 40000",
            "mutex none 7",
            "bytes none 0")) {
      String answer = peer.ask("region-" + command);
      assertTrue(answer.startsWith("EINVAL "), () -> command + ": " + answer);
    }
    String answer = peer.ask("region-bytes large 8000");
    assertTrue(answer.startsWith("ENOSPC no room for 'large', which takes 8128 bytes"), answer);
    assertEquals("begun:10:3:8128:8", ok(peer, "region-list"));
    Files.delete(path);
    assertTrue(peer.ask("region-word late").startsWith("ESTALE the file was deleted"));
    ok(peer, "region-latch begun 3");
  }

  @Test
  void whatJavaAloneMakes() throws IOException {
    CPeer peer = open(path);
    String none = peer.ask("region-semaphore permits 2");
    assertEquals("ENOENT 'permits': found no such name, and kind 7 is made by Java alone", none);
    try (SharedRegion region = SharedRegion.open(path)) {
      region.semaphore("permits", 2);
      String place = ok(peer, "region-semaphore permits 2");
      assertEquals(Long.parseLong(place), region.directory().get(0).offset());
    }
  }

  /** Java could not read the directory any more. */
  @ParameterizedTest
  @ValueSource(
      strings = {"h\u00f6he", "\u00c3(", "\u00e0\u0080\u0080", "\u00ed\u00a0\u0080", "\u00f8"})
  void namesThatAreNotUtf8(String bytes) throws Exception {
    Process program =
        new ProcessBuilder(
                CPrograms.compile("jfutex-peer.c", List.of("-std=c11")).toString(),
                test.path().toString())
            .start();
    String commands = "region-open " + path + " 8192\nregion-word " + bytes + "\n";
    program.getOutputStream().write(commands.getBytes(StandardCharsets.ISO_8859_1));
    program.getOutputStream().close();
    String output =
        new String(program.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertTrue(output.contains("EINVAL found a name of "), output);
  }
}
