// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jfutex.memory.JvmFlags;
import org.jfutex.support.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A death at every step of a write and a read, and a death beside one who is paused; one of five in the short form. */
@Tag("adapters")
class RingDeathsTest {
  private static final int STRIDE = Integer.getInteger("jfutex.crash.points", 5);
  private static final long SEED = Long.getLong("jfutex.crash.seed", System.nanoTime());

  @Test
  void whoSurvivesGoesOn() {
    List<String> flags = new ArrayList<>(JvmFlags.of(BlockingRingBuffer.class));
    flags.add("-Djfutex.healing=20");
    ChildJvm.Ended ended =
        ChildJvm.run(
            1200, flags, RingDeaths.class.getName(), Long.toString(SEED), Integer.toString(STRIDE));
    assertTrue(
        ended.output().lines().anyMatch(line -> line.startsWith("survived ")),
        () -> "seed " + SEED + ": " + ended);
    System.out.println("deaths in ring buffers, one of " + STRIDE + ": " + ended.output().strip());
  }
}
