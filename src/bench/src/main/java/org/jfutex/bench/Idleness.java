// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * CPU time of who has nothing to do. One launch and one long slice of each side, one after the other: a sleeper costs
 * so little that a slice of a duel would see nothing, and who polls would disturb it.
 */
record Idleness(
    String name, String subject, Contestant.Factory subjects, String peer, Contestant.Factory peers)
    implements Benchmark {
  private static final String UNIT = "% CPU";
  private static final int SLICES_IN_ONE = 10;

  @Override
  public Line run(Effort effort) throws IOException {
    Set<Integer> cpus = new TreeSet<>();
    double ours = percent(subjects, effort, cpus);
    double theirs = percent(peers, effort, cpus);
    return new Line(name, UNIT, subject, ours, peer, theirs, ours / theirs, null, List.of())
        .withCpus(List.copyOf(cpus));
  }

  private static double percent(Contestant.Factory contestants, Effort effort, Set<Integer> cpus)
      throws IOException {
    try (SharedFile file = new SharedFile();
        Contestant contestant = contestants.start(file)) {
      cpus.addAll(contestant.cpus());
      long slices = SLICES_IN_ONE * effort.launches() * effort.slices();
      return contestant.slice(slices * effort.sliceMillis()).value();
    }
  }
}
