// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The first points of the growth curves; the last ones take long. */
class GrowthTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);
  private static final List<String> FIRST =
      List.of(
          "kernel-blocked-wake-10",
          "kernel-blocked-trip-10",
          "wait-any-two-cpus-2",
          "mutex-held-normal-100-ns",
          "mutex-held-robust-100-ns");

  @Test
  void bothSidesAnswer() throws IOException {
    assumeTrue(CPeers.compiler().isPresent(), "no C compiler");
    assumeTrue(CPeers.onPath("taskset").isPresent(), "no taskset");
    int second = Machine.secondCpu();
    assumeTrue(second >= 0, "one CPU");
    try (CPeers peers = CPeers.compile(CPeers.compiler().orElseThrow())) {
      int cpu = Machine.allowedCpus().get(0);
      for (Benchmark benchmark : new GrowthCatalogue(peers, "jna", cpu, second).benchmarks()) {
        if (FIRST.contains(benchmark.name())) {
          Line line = benchmark.run(TINY);
          assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
          assertTrue(line.point() != null, line::toString);
        }
      }
    }
  }
}
