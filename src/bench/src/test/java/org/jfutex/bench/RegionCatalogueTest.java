// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What it takes to get a lock is measured on both sides. */
class RegionCatalogueTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);

  private static List<Benchmark> named(String name) throws IOException {
    Means means = Means.found(null);
    return new Catalogue(means, new RegionCatalogue(means))
        .benchmarks().stream().filter(benchmark -> benchmark.name().equals(name)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"region-find", "region-add"})
  void oneOfManyIsFoundAndOneMoreIsMade(String curve) throws IOException {
    Line line = named(curve + "-10").get(0).run(TINY);
    assertEquals(new Line.Point(curve, "slots", 10), line.point());
    assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
  }

  @Test
  void eachLockIsTheFirstOfANewJvm() throws IOException {
    List<Benchmark> starts = named("start-first-lock").subList(0, 2);
    assertEquals(
        List.of("FileChannel.lock", "ReentrantLock"),
        starts.stream().map(Benchmark::peer).toList());
    for (Benchmark start : starts) {
      Line line = start.run(TINY);
      assertTrue(line.subjectValue() > 1 && line.peerValue() > 1, line::toString);
      assertEquals(1, line.spread().pairs());
    }
  }
}
