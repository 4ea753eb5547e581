// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jfutex.futex.FutexManager;
import org.jfutex.support.SharedFolder;
import org.junit.jupiter.api.Test;

/** Processes that open a new region at the same moment, again and again: 50 of them and 200 times in the soak. */
class RegionRaceTest {
  private static final int PROCESSES = Integer.getInteger("jfutex.region.processes", 6);
  private static final int ROUNDS = Integer.getInteger("jfutex.region.rounds", 20);

  @Test
  void allAgreeOnOneLayoutAndNobodyWaitsForEver() throws Exception {
    List<RegionPeer> peers = new ArrayList<>();
    try (SharedFolder folder = new SharedFolder();
        SharedRegion control = SharedRegion.open(folder.file("race"))) {
      Path path = folder.file("race");
      try {
        for (int number = 0; number < PROCESSES; number++) {
          peers.add(RegionPeer.start(path, number));
        }
        for (RegionPeer peer : peers) {
          peer.say("rounds " + ROUNDS);
          assertEquals("ready", peer.hear());
        }
        for (int round = 1; round <= ROUNDS; round++) {
          RegionPeer.start(control).setVolatile(round);
          FutexManager.system().wake(RegionPeer.start(control), FutexManager.ALL);
          String layout = peers.get(0).hear();
          for (RegionPeer peer : peers.subList(1, PROCESSES)) {
            assertEquals(layout, peer.hear());
          }
          check(RegionPeer.file(path, round), layout);
        }
      } finally {
        peers.forEach(RegionPeer::close);
      }
    }
    System.out.println(PROCESSES + " processes, " + ROUNDS + " new regions: one layout each");
  }

  private static void check(Path path, String layout) throws IOException {
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(layout, region.directory().toString());
      assertEquals(RegionPeer.NAMES, region.directory().size());
      assertEquals(PROCESSES, region.bytes("name 10", 10).getInt(0), "counted under the mutex");
      assertEquals(PROCESSES, region.word("name 1").getVolatile());
    }
    Files.delete(path);
  }
}
