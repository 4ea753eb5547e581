// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;

/**
 * Bytes allocated per operation. The peer is nothing at all, so the peer's value is 0 and there is no ratio: a quotient
 * by 0 says nothing, and neither would a made-up one.
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
    Sample bytes = new Sample();
    try (SharedFile file = new SharedFile();
        Contestant child = subjects.start(file)) {
      for (int i = -effort.discarded(); i < SLICES; i++) {
        double value = child.slice(effort.sliceMillis()).value();
        // What the JIT has not seen often enough does allocate, where escape analysis avoids it
        // later.
        if (i >= 0) {
          bytes.add(value);
        }
      }
    }
    return new Line(name, UNIT, subject, bytes.median(), peer(), 0, null, null, Line.Sleepers.NONE);
  }
}
