// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;

/** A benchmark of processes that contend. */
record LongSlices(Benchmark benchmark) implements Benchmark {
  @Override
  public String name() {
    return benchmark.name();
  }

  @Override
  public String subject() {
    return benchmark.subject();
  }

  @Override
  public String peer() {
    return benchmark.peer();
  }

  @Override
  public Line run(Effort effort) throws IOException {
    return benchmark.run(effort.forContention());
  }
}
