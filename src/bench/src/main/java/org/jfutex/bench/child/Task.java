// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;

/** What a child process measures, slice by slice. */
interface Task extends AutoCloseable {

  /** Runs for about so long. */
  Slice slice(long millis) throws Exception;

  @Override
  default void close() throws IOException {}

  /**
   * What one slice came to.
   *
   * @param value per operation, in the unit of the benchmark
   * @param sleepers the share of wakes that found a sleeper; 0 where nothing is to be woken
   * @param least what the thread that did least did of all
   * @param most what the thread that did most did of all
   * @param nanos what single operations took, some thousands at most; none where nobody looks
   */
  record Slice(double value, double sleepers, double least, double most, long... nanos) {
    /** Of one thread. */
    Slice(double value, double sleepers, long... nanos) {
      this(value, sleepers, 1, 1, nanos);
    }
  }
}
