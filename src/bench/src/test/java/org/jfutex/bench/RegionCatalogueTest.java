// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What it takes to get a lock is measured on both sides. */
class RegionCatalogueTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);

  private final RegionCatalogue region = new RegionCatalogue("jna");

  @Test
  void oneOfManyIsFound() throws IOException {
    Benchmark find = region.finds().get(0);
    Line line = find.run(TINY);
    assertEquals("region-find-10", line.name());
    assertEquals(new Line.Point("region-find", "slots", 10), line.point());
    assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
  }

  @Test
  void eachLockIsTheFirstOfANewJvm() throws IOException {
    List<Benchmark> starts = region.starts();
    assertEquals(
        List.of("FileChannel.lock", "ReentrantLock"),
        starts.stream().map(Benchmark::peer).toList());
    for (Benchmark start : starts) {
      Line line = start.run(TINY);
      assertTrue(line.subjectValue() > 1 && line.peerValue() > 1, line::toString);
      assertEquals(2, line.spread().pairs());
    }
  }
}
