// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** One side of a comparison, alive for as long as the comparison takes. */
interface Contestant extends AutoCloseable {

  /** Runs for about so long, while the other side sleeps. */
  Slice slice(long millis) throws IOException;

  /** CPU time that its processes took so far; 0 if nobody knows. */
  default long cpuNanos() {
    return 0;
  }

  /** The CPUs that it runs on; none if nobody knows. */
  default Set<Integer> cpus() {
    return Set.of();
  }

  @Override
  void close();

  /** Makes a contestant; each launch of a comparison has new ones. */
  interface Factory {
    /**
     * A contestant, warm.
     *
     * @param file zeros, shared by both sides of the launch
     */
    Contestant start(SharedFile file) throws IOException;
  }

  /**
   * What one slice came to.
   *
   * @param value per operation, in the unit of the comparison
   * @param sleepers the share of wakes that found a sleeper
   * @param least what the process or thread that did least did of all
   * @param most what the process or thread that did most did of all
   * @param nanos what single operations took, a sample; none where nobody looks
   */
  record Slice(double value, double sleepers, double least, double most, List<Long> nanos) {
    /** Of one process. */
    Slice(double value, double sleepers) {
      this(value, sleepers, 1, 1, List.of());
    }
  }
}
