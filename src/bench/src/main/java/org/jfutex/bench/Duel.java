// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

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
  private boolean differs;
  private boolean startsOften;
  private Line.Point point; // null for one that is on no curve

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

  /** The report is to tell what ours costs more, too: where a limit is a number and no ratio. */
  Duel withDifference() {
    differs = true;
    return this;
  }

  /** For what differs from start to start by more than the two sides do. */
  Duel startedOften() {
    startsOften = true;
    return this;
  }

  /** It is one of a family: where something has grown to {@code x}. */
  Duel at(String curve, String axis, double x) {
    point = new Line.Point(curve, axis, x);
    return this;
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
  public Line run(Effort usual) throws IOException {
    Effort effort = startsOften ? usual.forStarts() : usual;
    Side ours = new Side(subject);
    Side theirs = new Side(peer);
    Sample ratios = new Sample();
    Sample differences = new Sample();
    Set<Integer> cpus = new TreeSet<>();
    for (int launch = 0; launch < effort.launches(); launch++) {
      try (SharedFile file = new SharedFile();
          Contestant a = subjects.start(file);
          Contestant b = peers.start(file)) {
        cpus.addAll(a.cpus());
        cpus.addAll(b.cpus());
        for (int i = -effort.discarded(); i < effort.slices(); i++) {
          Contestant.Slice first = ours.slice(a, effort.sliceMillis(), i >= 0);
          Contestant.Slice second = theirs.slice(b, effort.sliceMillis(), i >= 0);
          if (i >= 0) {
            ratios.add(first.value() / second.value());
            differences.add(first.value() - second.value());
          }
        }
      }
    }
    return new Line(
            name,
            UNIT,
            subject,
            ours.value(),
            peer,
            theirs.value(),
            ratios.median(),
            ratios.middleHalf(),
            notes(ours, theirs, differences))
        .withPoint(point)
        .withCpu(cpu(ours, theirs))
        .withShares(shares(ours, theirs))
        .withLatencies(latencies(ours, theirs))
        .withCpus(List.copyOf(cpus));
  }

  private static Line.Cpu cpu(Side ours, Side theirs) {
    boolean known = ours.cpu() > 0 && theirs.cpu() > 0;
    return known ? new Line.Cpu(ours.cpu(), theirs.cpu()) : null;
  }

  private static Line.Shares shares(Side ours, Side theirs) {
    boolean several = ours.isSeveral() || theirs.isSeveral();
    return several ? new Line.Shares(ours.share(), theirs.share()) : null;
  }

  private static Line.Latencies latencies(Side ours, Side theirs) {
    boolean both = ours.hasLatencies() && theirs.hasLatencies();
    return both ? new Line.Latencies(ours.latencies(), theirs.latencies()) : null;
  }

  private List<String> notes(Side ours, Side theirs, Sample differences) {
    List<String> notes = new ArrayList<>();
    if (ours.hasSleepers()) {
      notes.add(ours.sleepers() + ", " + theirs.sleepers());
    }
    if (ours.isSeveral()) {
      notes.add(ours.shares() + ", " + theirs.shares());
    }
    if (differs) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s costs %.1f %s more, the median of neighbouring slices; middle half %.1f .. %.1f",
              subject,
              differences.median(),
              UNIT,
              differences.middleHalf().low(),
              differences.middleHalf().high()));
    }
    return notes;
  }
}
