// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of an interrupt on its way to who sleeps, beside the JVM's own way to sleep. */
final class InterruptCatalogue implements Theme {
  private static final String PARK = "LockSupport.park";
  private static final List<String> PERCENTILES = List.of("50", "99");

  /** In the shared file. */
  private static final String WORD = "0";

  private final String cpu;
  private final String sleepersCpu;

  InterruptCatalogue(Means means) {
    cpu = Integer.toString(means.cpus().first());
    sleepersCpu = Integer.toString(means.cpus().second());
  }

  @Override
  public void addTo(Catalogue catalogue) {
    for (String percentile : PERCENTILES) {
      catalogue.addOfEachBackend(
          backend -> Stream.of(latency(percentile, backend)), Need.SYSTEM_CALLS, Need.TASKSET);
    }
  }

  private Benchmark latency(String percentile, String backend) {
    return new Duel(
        "interrupt-latency-p" + percentile,
        backend,
        file -> jvm(backend, percentile, "interrupted-wait", file.path().toString(), WORD),
        PARK,
        file -> jvm(backend, percentile, "interrupted-park"));
  }

  private Child jvm(String backend, String percentile, String... task) throws IOException {
    List<String> all = new ArrayList<>(List.of(task));
    all.addAll(List.of(percentile, cpu, sleepersCpu));
    return new Child(new ChildJvm(backend).command(all.toArray(String[]::new))).ready();
  }
}
