// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Lines of every kind, as a run would make them, and some as nobody should. */
final class Examples {
  private Examples() {}

  static List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    lines.add(line("empty-wake", "ffm", 196, "C", 180, 1.08, 1.05, 1.11));
    lines.add(line("empty-wake", "jna", 420, "C", 180, 2.33, 2.2, 2.5).withCpus(List.of(0, 1, 3)));
    for (int processes : List.of(1, 2, 4, 8, 16)) {
      for (String kind : List.of("normal", "robust")) {
        lines.add(
            contended(kind, processes, "C", 40 + 30 * processes, 1.02)
                .withLatencies(latencies(90, 80)));
        lines.add(contended(kind, processes, "FileChannel.lock", 4000. * processes, 0.02));
      }
    }
    lines.add(
        line("queue-asleep", "ffm", 9_100, "C", 8_900, 1.02, 0.99, 1.05)
            .withLatencies(latencies(9000, 8800)));
    lines.add(
        line("queue-asleep-pipe", "ffm", 9_100, "pipe", 14_900, 0.61, 0.58, 0.66)
            .withLatencies(latencies(9000, 14000)));
    for (int others : List.of(0, 1, 1_000, 100_000)) {
      lines.add(
          line(
                  "in-jvm-wake-one-among-" + others,
                  "jfutex",
                  60 + others / 5e3,
                  "no others",
                  60,
                  1.01,
                  0.98,
                  1.04)
              .withPoint(new Line.Point("in-jvm-wake-one-among", "others", others)));
    }
    lines.add(
        new Line("allocation-kernel-wake", "B/op", "ffm", 0, "none", 0, null, null, List.of()));
    lines.add(
        new Line("allocation-kernel-wait", "B/op", "jna", 40, "none", 0, null, null, List.of()));
    lines.add(
        new Line(
            "<script>alert(1)</script>",
            "ns/op & more",
            "\"><img src=x onerror=alert(2)>",
            1e-9,
            "--><style>*{display:none}</style>",
            1e12,
            1e-21,
            new Line.Spread(0, 5e-21, 9),
            List.of("<b>$1 \\ </b>")));
    return lines;
  }

  static Line line(
      String name,
      String subject,
      double subjectValue,
      String peer,
      double peerValue,
      double ratio,
      double low,
      double high) {
    return new Line(
        name,
        "ns/op",
        subject,
        subjectValue,
        peer,
        peerValue,
        ratio,
        new Line.Spread(low, high, 9),
        List.of("99 % of the wakes by " + subject + " found a sleeper"));
  }

  private static Line contended(
      String kind, int processes, String peer, double peerValue, double ratio) {
    Line.Share even = new Line.Share(0.9 / processes, Math.min(1, 1.1 / processes));
    Line.Share uneven = new Line.Share(0.5 / processes, Math.min(1, 1.5 / processes));
    String name = "mutex-contended-" + kind;
    return line(
            name + "-" + processes,
            "jfutex",
            ratio * peerValue,
            peer,
            peerValue,
            ratio,
            0.9 * ratio,
            1.1 * ratio)
        .withPoint(new Line.Point(name, "processes", processes))
        .withCpu(new Line.Cpu(Math.min(2, processes), Math.min(1.9, processes)))
        .withShares(new Line.Shares(even, uneven));
  }

  private static Line.Latencies latencies(double subject, double peer) {
    return new Line.Latencies(percentiles(subject), percentiles(peer));
  }

  private static List<Line.Percentile> percentiles(double median) {
    double[] percents = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100};
    return IntStream.range(0, percents.length)
        .mapToObj(i -> new Line.Percentile(percents[i], median * Math.pow(1.6, i - 2)))
        .toList();
  }
}
