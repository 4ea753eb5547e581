// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.jfutex.support.Actor;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever is killed while making a region leaves what the next one makes anew, and nothing else. */
class RegionCreationTest {
  private static final int BYTES = 300_000;

  /** How many processes are killed. */
  private static final int KILLS = Integer.getInteger("jfutex.region.kills", 4);

  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");

  @AfterEach
  void deleteFolder() {
    folder.close();
  }

  /** Makes a region as one who has got so far as to hold the lock of an empty file. */
  private void make(int steps, RuntimeException death, IOException failure) throws IOException {
    Files.createFile(path);
    try (FileChannel channel =
        new MortalChannel(
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE),
            steps,
            death,
            failure)) {
      new RegionFile(path, channel).findOrMake(BYTES, SystemIdentity.current());
    }
  }

  @Test
  void aCreatorKilledAtAnyStepIsReplaced() throws IOException {
    RuntimeException death = new RuntimeException("killed");
    int steps = 1;
    for (boolean died = true; died; steps++) {
      try {
        make(steps, death, null);
        died = false;
      } catch (RuntimeException e) {
        assertEquals(death, e);
      }
      assertNextOneSucceeds();
      assertEquals(BYTES, Files.size(path));
      Files.delete(path);
    }
    // 5 chunks of zeros, each in two halves; the magic, the fields, the mapping; and then it lived.
    assertEquals(2 * 5 + 3 + 1, steps - 1);
  }

  private void assertNextOneSucceeds() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      assertEquals(Files.size(path), region.memory().size());
      region.word("w").setVolatile(1);
      region.mutex("m").lock();
      region.mutex("m").unlock();
    }
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(1, region.word("w").getVolatile());
    }
    assertEquals(1, folder.path().toFile().list().length, "nothing is left of it");
  }

  @Test
  void aFullFileSystemIsAnExceptionAndLeavesNoFile() {
    IOException full = new IOException("No space left on device");
    assertEquals(full, assertThrows(IOException.class, () -> make(5, null, full)));
    assertFalse(Files.exists(path));
  }

  @Test
  void emptyAndZeroFilesAreMadeARegion() throws IOException {
    Files.createFile(path);
    assertNextOneSucceeds();
    Files.write(path, new byte[100]);
    assertNextOneSucceeds();
    Files.write(path, new byte[100_000]);
    try (SharedRegion region = SharedRegion.open(path, 4096)) {
      assertEquals(100_000, region.memory().size(), "nobody's pages are taken away");
    }
  }

  @Test
  void whoDiesMakingANameLeavesNothing() throws IOException {
    SharedRegion.open(path, BYTES).close();
    byte[] halfAnEntry = new byte[64];
    new Random(1).nextBytes(halfAnEntry);
    RegionBytes.put(path, 256, halfAnEntry);
    Actor<?> dead =
        Actor.start(
            () -> {
              try (SharedRegion region = SharedRegion.open(path)) {
                SharedMutex.at(region.memory(), 128).lock();
                return 0;
              }
            });
    dead.result();
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(0, region.directory().size());
      region.word("w").setVolatile(1);
      assertEquals(1, region.directory().size());
    }
  }

  @Test
  void creatorsThatAreKilledAreReplaced() throws Exception {
    Random random = new Random();
    for (int kill = 0; kill < KILLS; kill++) {
      try (RegionPeer creator = RegionPeer.start(path, kill)) {
        creator.say("recreate");
        assertEquals("ready", creator.hear());
        Thread.sleep(random.nextInt(50)); // wherever that is
        creator.kill();
      }
      assertNextOneSucceeds();
      Files.delete(path);
    }
  }
}
