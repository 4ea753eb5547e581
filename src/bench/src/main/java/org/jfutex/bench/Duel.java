// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;

/**
 * Two contestants, slice by slice in turns: A B A B. Each is alive all the time and sleeps while the other runs.
 *
 * <p>What a machine does over seconds (its clock, its neighbours, other jobs) hits both slices of a pair alike and
 * cancels in their ratio; what it does to a single slice makes an outlier, which the median of the ratios ignores. The
 * two medians on their own have no such protection: read the ratio.
 */
final class Duel implements Benchmark {
  private static final String UNIT = "ns/op";

  private final String name;
  private final String subject;
  private final String peer;
  private final Contestant.Factory subjects;
  private final Contestant.Factory peers;

  Duel(
      String name,
      String subject,
      Contestant.Factory subjects,
      String peer,
      Contestant.Factory peers) {
    this.name = name;
    this.subject = subject;
    this.subjects = subjects;
    this.peer = peer;
    this.peers = peers;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String subject() {
    return subject;
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public Line run(Effort effort) throws IOException {
    Sample subjectValues = new Sample();
    Sample peerValues = new Sample();
    Sample ratios = new Sample();
    Sample subjectSleepers = new Sample();
    Sample peerSleepers = new Sample();
    for (int launch = 0; launch < effort.launches(); launch++) {
      try (SharedFile file = new SharedFile();
          Contestant a = subjects.start(file);
          Contestant b = peers.start(file)) {
        for (int i = -effort.discarded(); i < effort.slices(); i++) {
          Contestant.Slice ours = a.slice(effort.sliceMillis());
          Contestant.Slice theirs = b.slice(effort.sliceMillis());
          if (i >= 0) {
            subjectValues.add(ours.value());
            peerValues.add(theirs.value());
            ratios.add(ours.value() / theirs.value());
            subjectSleepers.add(ours.sleepers());
            peerSleepers.add(theirs.sleepers());
          }
        }
      }
    }
    return new Line(
        name,
        UNIT,
        subject,
        subjectValues.median(),
        peer,
        peerValues.median(),
        ratios.median(),
        ratios.middleHalf(),
        new Line.Sleepers(subjectSleepers.median(), peerSleepers.median()));
  }
}
