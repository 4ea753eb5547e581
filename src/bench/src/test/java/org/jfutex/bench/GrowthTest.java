// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import org.jfutex.linux.FutexSyscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first points of the growth curves; the last ones take long. */
class GrowthTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);

  private CPeers peers;
  private GrowthCatalogue growth;

  @BeforeEach
  void find() throws IOException {
    assumeTrue(CPeers.compiler().isPresent(), "no C compiler");
    assumeTrue(CPeers.onPath("taskset").isPresent(), "no taskset");
    int second = Machine.secondCpu();
    assumeTrue(second >= 0, "one CPU");
    peers = CPeers.compile(CPeers.compiler().orElseThrow());
    growth = new GrowthCatalogue(peers, "jna", Machine.allowedCpus().get(0), second);
  }

  @AfterEach
  void forget() throws IOException {
    if (peers != null) {
      peers.close();
    }
  }

  @Test
  void bothSidesAnswer() throws IOException {
    runs(
        growth.benchmarks(),
        "kernel-blocked-wake-10",
        "kernel-blocked-trip-10",
        "mutex-held-normal-100-ns",
        "mutex-held-robust-100-ns");
  }

  @Test
  void bothSidesWaitForSeveral() throws IOException {
    assumeTrue(FutexSyscalls.named("jna").features().futexWaitv(), "no futex_waitv(2)");
    runs(growth.waitsForSeveral(), "wait-any-two-cpus-2");
  }

  private static void runs(List<Benchmark> benchmarks, String... names) throws IOException {
    List<String> wanted = List.of(names);
    List<Benchmark> found = benchmarks.stream().filter(b -> wanted.contains(b.name())).toList();
    assertEquals(wanted, found.stream().map(Benchmark::name).toList());
    for (Benchmark benchmark : found) {
      Line line = benchmark.run(TINY);
      assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
      assertTrue(line.point() != null, line::toString);
    }
  }
}
