// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Bytes allocated per operation. The peer is nothing at all, so the peer's value is 0 and there is no ratio: a quotient
 * by 0 says nothing, and neither would a made-up one.
 *
 * <p>The value is the worst launch: what the JIT inlines where is decided once in a JVM, by chance, and stays; a median
 * would hide an allocation that half of the starts have for ever.
 */
record Allocation(String name, String subject, Contestant.Factory subjects) implements Benchmark {
  private static final String UNIT = "B/op";
  private static final int SLICES = 5;

  @Override
  public String peer() {
    return "none";
  }

  @Override
  public Line run(Effort effort) throws IOException {
    double worst = 0;
    Set<Integer> cpus = new TreeSet<>();
    for (int launch = 0; launch < effort.launches(); launch++) {
      worst = Math.max(worst, launch(effort, cpus));
    }
    return new Line(name, UNIT, subject, worst, peer(), 0, null, null, List.of())
        .withCpus(List.copyOf(cpus));
  }

  private double launch(Effort effort, Set<Integer> cpus) throws IOException {
    Sample bytes = new Sample();
    try (SharedFile file = new SharedFile();
        Contestant child = subjects.start(file)) {
      cpus.addAll(child.cpus());
      for (int i = -effort.discarded(); i < SLICES; i++) {
        double value = child.slice(effort.sliceMillis()).value();
        // What the JIT has not seen often enough does allocate, where escape analysis avoids it
        // later.
        if (i >= 0) {
          bytes.add(value);
        }
      }
    }
    return bytes.median();
  }
}
