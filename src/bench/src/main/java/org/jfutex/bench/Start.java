// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * From the start of a JVM until it has done something for the first time and says that it is ready. Each is a new one,
 * so there are no slices: pairs of starts, in turns. Nothing pins them: much of a start is the work of other threads.
 */
record Start(String name, String subject, Command ours, String peer, Command theirs)
    implements Benchmark {
  private static final String UNIT = "ms";
  private static final int SLICES_A_PAIR = 8;
  private static final double NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Of a JVM that is ready once it has done it. */
  @FunctionalInterface
  interface Command {
    List<String> with(SharedFile file);
  }

  @Override
  public Line run(Effort effort) throws IOException {
    Sample first = new Sample();
    Sample second = new Sample();
    Sample ratios = new Sample();
    try (SharedFile file = new SharedFile()) {
      int pairs = Math.max(1, effort.launches() * effort.slices() / SLICES_A_PAIR);
      for (int i = 1 - effort.launches(); i < pairs; i++) {
        double a = millis(ours.with(file));
        double b = millis(theirs.with(file));
        if (i < 0) {
          continue; // the first of several: it read the disk and laid out the file
        }
        first.add(a);
        second.add(b);
        ratios.add(a / b);
      }
    }
    return new Line(
            name,
            UNIT,
            subject,
            first.median(),
            peer,
            second.median(),
            ratios.median(),
            ratios.middleHalf(),
            List.of())
        .withCpus(Machine.allowedCpus());
  }

  private static double millis(List<String> command) throws IOException {
    long start = System.nanoTime();
    try (Child child = new Child(command)) {
      child.ready();
      return (System.nanoTime() - start) / NANOS;
    }
  }
}
