// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.MutexException;
import org.junit.jupiter.api.Test;

/**
 * Headers and directories that something else wrote into: each gives a typed exception or a region that works, at
 * once, and not a byte is written but where a region writes. 5,000 of them, by a seed that it prints; 100,000 in the
 * soak.
 */
class RegionFuzzTest {
  private static final int TIMES = Integer.getInteger("jfutex.region.fuzz", 5_000);
  private static final long SEED = Long.getLong("jfutex.region.seed", System.nanoTime());

  private static final int BYTES = 8192;
  private static final int NAMES = 16;
  private static final int DIRECTORY_END = RegionHeader.BYTES + NAMES * DirectoryEntry.BYTES;

  /** What somebody who means harm would write. */
  private static final long[] HOSTILE = {
    0,
    1,
    -1,
    63,
    64,
    BYTES - 64,
    BYTES,
    BYTES + 64,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 63,
    1L << 32,
    (1L << 32) + 7936,
    128,
    256
  };

  private final Random random = new Random(SEED);

  @Test
  void corruptedFilesAreRefusedOrWork() throws IOException {
    System.setProperty(
        RegionDirectory.PATIENCE_PROPERTY, "1"); // a stranger's mutex is not given back
    Map<String, Integer> ends = new TreeMap<>();
    try (SharedFolder folder = new SharedFolder()) {
      Path path = folder.file("region");
      byte[] sound = sound(path);
      for (int i = 0; i < TIMES; i++) {
        byte[] corrupted = corrupt(sound);
        Files.write(path, corrupted);
        String end;
        try {
          end = use(path, corrupted);
        } catch (RuntimeException | IOException | Error e) {
          throw new AssertionError("seed " + SEED + ", number " + i, e);
        }
        ends.merge(end, 1, Integer::sum);
      }
      assertEquals(1, folder.path().toFile().list().length);
    } finally {
      System.clearProperty(RegionDirectory.PATIENCE_PROPERTY);
    }
    System.out.println("fuzzed regions, seed " + SEED + ": " + ends);
    assertTrue(ends.get("works") > 0 && ends.size() > 1, ends::toString);
  }

  private static byte[] sound(Path path) throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      EveryKind.make(region);
      region.bytes("more bytes", 200).putLong(0, -1);
      assertEquals(NAMES, region.directory().size());
    }
    return Files.readAllBytes(path);
  }

  private byte[] corrupt(byte[] sound) {
    byte[] bytes = sound.clone();
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(DIRECTORY_END);
      switch (random.nextInt(7)) {
        case 0, 1, 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 3 -> fields.putInt(at & -4, (int) hostile());
        case 4 -> fields.putLong(at & -8, hostile());
        case 5 -> fields.putInt(at & -4, random.nextInt());
        default -> {
          byte[] noise = new byte[1 + random.nextInt(DIRECTORY_END - at)];
          random.nextBytes(noise);
          fields.put(at, noise);
        }
      }
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(2 * BYTES)) : bytes;
  }

  private long hostile() {
    return HOSTILE[random.nextInt(HOSTILE.length)];
  }

  /** How it ended; an exception that is none of those that say so comes out. */
  private static String use(Path path, byte[] before) throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      List<DirectoryEntry> names = region.directory();
      String end = "works";
      try {
        for (DirectoryEntry entry : names) {
          entry.state(region.memory());
        }
        region.word("new").setVolatile(1);
        try (SharedRegion other = SharedRegion.open(path)) {
          assertEquals(1, other.word("new").getVolatile());
        }
      } catch (RegionException | IllegalArgumentException | MutexException e) {
        end = e.getClass().getSimpleName();
      }
      checkWritten(before, Files.readAllBytes(path), names, region.directory());
      return end;
    } catch (RegionRefusedException e) {
      assertTrue(Arrays.equals(before, Files.readAllBytes(path)), "refused, and changed");
      return "refused";
    }
  }

  /** Only the header's own fields, the entry that is new, and slots. */
  private static void checkWritten(
      byte[] before, byte[] after, List<DirectoryEntry> old, List<DirectoryEntry> now) {
    if (before.length != after.length) {
      assertTrue(old.isEmpty() && before.length < BYTES, "was not finished, and made anew");
      return;
    }
    BitSet allowed = new BitSet(after.length);
    allowed.set(0, RegionHeader.MUTEX_OFFSET + 40);
    allowed.set((int) DirectoryEntry.at(old.size()), (int) DirectoryEntry.at(now.size()));
    for (DirectoryEntry entry : now) {
      if (entry.kind() != SlotKind.BYTES) {
        allowed.set((int) entry.offset(), (int) (entry.offset() + entry.length()));
      }
    }
    for (int i = 0; i < after.length; i++) {
      if (before[i] != after[i] && !allowed.get(i)) {
        throw new AssertionError("written at " + i + " of " + now);
      }
    }
  }
}
