// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A line as {@code --json} wrote it, field by field. Files of older versions have fewer fields. */
record JsonLine(
    String name,
    String unit,
    String subject,
    double subjectValue,
    String peer,
    double peerValue,
    Double ratio,
    Double low,
    Double high,
    Line.Point point,
    Line.Cpu cpu,
    Line.Shares shares,
    Percentiles latencies,
    List<String> notes,
    String run) {

  /** Pairs of percent and nanoseconds. */
  private record Percentiles(List<double[]> subject, List<double[]> peer) {
    Line.Latencies latencies() {
      return new Line.Latencies(percentiles(subject), percentiles(peer));
    }

    private static List<Line.Percentile> percentiles(List<double[]> pairs) {
      return Stream.ofNullable(pairs)
          .flatMap(List::stream)
          .map(pair -> new Line.Percentile(pair[0], pair[1]))
          .toList();
    }
  }

  /** What is left of a run: what was left out and what failed, only a live one knows. */
  static Outcome read(Path file) throws IOException {
    JsonLine[] lines = new Gson().fromJson(Files.readString(file), JsonLine[].class);
    if (lines == null) {
      throw new JsonParseException("the file is empty, expected an array");
    }
    return new Outcome(
        Stream.of(lines)
            .map(JsonLine::run)
            .filter(Objects::nonNull)
            .distinct()
            .map(text -> "run: " + text)
            .toList(),
        Stream.of(lines).map(JsonLine::line).toList(),
        List.of(),
        List.of());
  }

  private Line line() {
    if (Stream.of(name, unit, subject, peer).anyMatch(Objects::isNull)) {
      throw new JsonParseException("found " + this + ", expected a name, a unit and two sides");
    }
    return new Line(
        name,
        unit,
        subject,
        subjectValue,
        peer,
        peerValue,
        ratio,
        low == null ? null : new Line.Spread(low, high),
        notes == null ? List.of() : notes,
        point,
        cpu,
        shares,
        latencies == null ? null : latencies.latencies());
  }
}
