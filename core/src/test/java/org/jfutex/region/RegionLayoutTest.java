// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.jfutex.support.SharedFolder;
import org.junit.jupiter.api.Test;

/** Every byte of a region, in digits: what a C program, and a version to come, has to find there. */
class RegionLayoutTest {
  private static final int BYTES = 4096;

  private static byte[] regionWith(Path path) throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      region.mutex("mutex");
      region.condition("größe", region.mutex("mutex"));
      region.bytes("bytes", 65).put(64, (byte) 0x11);
      region.word("word").setVolatile(0x22334455);
    }
    return Files.readAllBytes(path);
  }

  @Test
  void everyOffsetIsPinned() throws IOException {
    byte[] file;
    try (SharedFolder folder = new SharedFolder()) {
      file = regionWith(folder.file("region"));
    }
    assertEquals(BYTES, file.length);
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals("jfutexRG", text(file, 0, 8));
    assertEquals(1, bytes.getInt(8));
    assertEquals(0x01020304, bytes.getInt(12));
    assertEquals(BYTES, bytes.getLong(16));
    assertEquals(0, bytes.getLong(24));
    String bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    assertEquals(bootId.replace("-", ""), HexFormat.of().formatHex(file, 32, 48));
    String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    assertEquals("pid:[" + bytes.getLong(48) + "]", namespace);
    assertEquals(4, bytes.getInt(56));
    assertZeros(file, 60, 128);
    assertZeros(file, 128, 132); // the directory's mutex: free
    assertZeros(file, 136, 144);
    assertEquals(128 | 16 | 2, bytes.getInt(144)); // process-shared, robust, error-check
    assertZeros(file, 148, 152);
    assertZeros(file, 168, 256);

    assertEntry(bytes, 256, 3, 146, 4096 - 64, 40, "mutex");
    assertEntry(bytes, 384, 4, 0, 4096 - 2 * 64, 16, "größe");
    assertEntry(bytes, 512, 2, 0, 4096 - 4 * 64, 65, "bytes");
    assertEntry(bytes, 640, 1, 0, 4096 - 5 * 64, 4, "word");
    assertZeros(file, 768, 4096 - 5 * 64);

    assertEquals(0x22334455, bytes.getInt(4096 - 5 * 64));
    assertEquals(0x11, file[4096 - 4 * 64 + 64]);
    assertEquals(146, bytes.getInt(4096 - 64 + 16));
  }

  private static void assertEntry(
      ByteBuffer file, int at, int kind, int parameter, long offset, long length, String name) {
    assertEquals(kind, file.getInt(at));
    assertEquals(parameter, file.getInt(at + 4));
    assertEquals(offset, file.getLong(at + 8));
    assertEquals(length, file.getLong(at + 16));
    assertArrayEquals(
        Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), 104),
        Arrays.copyOfRange(file.array(), at + 24, at + 128));
  }

  private static void assertZeros(byte[] file, int from, int to) {
    assertArrayEquals(new byte[to - from], Arrays.copyOfRange(file, from, to));
  }

  private static String text(byte[] file, int from, int to) {
    return new String(file, from, to - from, StandardCharsets.US_ASCII);
  }

  /** Name, kind, parameter, offset, length: each slot as long as what it holds, and on lines of its own. */
  @Test
  void everyKindHasItsEntry() throws IOException {
    StringBuilder entries = new StringBuilder();
    try (SharedFolder folder = new SharedFolder();
        SharedRegion region = SharedRegion.open(folder.file("region"), BYTES)) {
      EveryKind.make(region);
      for (DirectoryEntry entry : region.directory()) {
        entries.append(
            "%s|%d|%d|%d|%d%n"
                .formatted(
                    entry.name(),
                    entry.kind().number(),
                    entry.parameter(),
                    entry.offset(),
                    entry.length()));
      }
    }
    assertEquals(
        """
        a word|1|0|4032|4
        bytes|2|0|3968|10
        a mutex|3|146|3904|40
        a PI mutex|3|161|3840|40
        a condition|4|0|3776|16
        a read-write lock|5|4|3456|320
        a compact read-write lock|6|0|3392|8
        a semaphore|7|3|3328|32
        a robust semaphore|8|2|3136|192
        a barrier|9|3|3072|8
        a latch|10|5|3008|8
        an event|11|0|2944|4
        an auto-reset event|12|0|2880|4
        a once|13|0|2816|64
        a doorbell|14|0|2752|8
        """,
        entries.toString());
  }

  @Test
  void kindsHaveTheirNumbers() {
    StringBuilder numbers = new StringBuilder();
    for (SlotKind kind : SlotKind.values()) {
      numbers.append(kind.number()).append(' ').append(kind).append('\n');
    }
    assertEquals(
        """
        1 word
        2 bytes
        3 mutex
        4 condition
        5 read-write lock
        6 compact read-write lock
        7 semaphore
        8 robust semaphore
        9 barrier
        10 latch
        11 event
        12 auto reset event
        13 once
        14 doorbell
        """,
        numbers.toString());
  }
}
