// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two processes take turns, or meet, in C and in Java; or one of them dies. */
class TurnTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);
  private static final List<String> NAMES =
      List.of(
          "mutex-hand-off-robust-pi",
          "mutex-owner-died-robust",
          "condition-one-cpu",
          "barrier-meeting-2",
          "condition-meeting-2");

  @Test
  void bothSidesTakeTurns() throws IOException {
    assumeTrue(CPeers.compiler().isPresent(), "no C compiler");
    try (CPeers peers = CPeers.compile(CPeers.compiler().orElseThrow())) {
      Means means = Means.found(peers);
      Set<Need> two = Set.of(Need.TASKSET, Need.SECOND_CPU);
      assumeTrue(means.missing(two).isEmpty(), "two CPUs are needed, and taskset");
      List<Benchmark> lines =
          new Catalogue(means, new TurnCatalogue(means), new WordsCatalogue(means))
              .benchmarks().stream().filter(line -> NAMES.contains(line.name())).toList();
      assertEquals(NAMES, lines.stream().map(Benchmark::name).toList());
      for (Benchmark benchmark : lines) {
        Line line = benchmark.run(TINY);
        assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
        assertTrue(line.latencies() != null, line::toString);
        assertNull(line.shares(), "each operation is one of both");
      }
    }
  }
}
