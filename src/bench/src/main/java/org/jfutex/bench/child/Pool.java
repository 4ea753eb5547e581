// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.ArrayList;
import java.util.List;

/** One sample of what several did, where each has a sample of about the same size, but did not do as much. */
public final class Pool {
  private static final double HALF = 0.5;

  private Pool() {}

  /**
   * Of each as many as it did, evenly spaced.
   *
   * @param samples one of each
   * @param amounts what each did, in any unit
   */
  public static List<Long> of(List<List<Long>> samples, List<Double> amounts) {
    double density = Double.MAX_VALUE;
    for (int i = 0; i < samples.size(); i++) {
      density = Math.min(density, samples.get(i).size() / amounts.get(i));
    }
    List<Long> pool = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      List<Long> sample = samples.get(i);
      long count = Math.round(density * amounts.get(i));
      for (int k = 0; k < count; k++) {
        pool.add(sample.get((int) ((k + HALF) * sample.size() / count)));
      }
    }
    return pool;
  }
}
