// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first points of the growth curves; the last ones take long. */
class GrowthTest {
  private static final Effort TINY = new Effort(1, 0, 1, 1);

  private CPeers peers;
  private Means means;

  @BeforeEach
  void find() throws IOException {
    assumeTrue(CPeers.compiler().isPresent(), "no C compiler");
    peers = CPeers.compile(CPeers.compiler().orElseThrow());
    means = Means.found(peers);
    Set<Need> two = Set.of(Need.TASKSET, Need.SECOND_CPU);
    assumeTrue(means.missing(two).isEmpty(), "two CPUs are needed, and taskset");
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
        "kernel-blocked-wake-10",
        "kernel-blocked-trip-10",
        "mutex-held-normal-0-ns",
        "mutex-held-robust-100-ns");
  }

  @Test
  void bothSidesWaitForSeveral() throws IOException {
    assumeTrue(means.missing(Set.of(Need.FUTEX_WAITV)).isEmpty(), "no futex_waitv(2)");
    runs("wait-any-two-cpus-2", "event-any-two-cpus-2");
  }

  private void runs(String... names) throws IOException {
    List<String> wanted = List.of(names);
    Catalogue catalogue = new Catalogue(means, new GrowthCatalogue(means));
    List<Benchmark> found =
        catalogue.benchmarks().stream().filter(b -> wanted.contains(b.name())).toList();
    assertEquals(wanted, found.stream().map(Benchmark::name).toList());
    for (Benchmark benchmark : found) {
      Line line = benchmark.run(TINY);
      assertTrue(line.subjectValue() > 0 && line.peerValue() > 0, line::toString);
      assertTrue(line.point() != null, line::toString);
    }
  }
}
