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

  /** What is left of a run: what only a live one knows is missing. */
  static Outcome read(Path file) throws IOException {
    List<JsonLine> lines = parse(file);
    List<String> facts =
        lines.stream().map(JsonLine::run).filter(Objects::nonNull).distinct().toList();
    return new Outcome(
        facts.stream().map(fact -> "run: " + fact).toList(),
        lines.stream().map(JsonLine::line).toList(),
        List.of(),
        List.of());
  }

  private static List<JsonLine> parse(Path file) throws IOException {
    try {
      return List.of(new Gson().fromJson(Files.readString(file), JsonLine[].class));
    } catch (JsonParseException e) {
      throw new IOException(
          file + " is no array of lines, expected what --json writes: " + e.getMessage(), e);
    }
  }

  private Line line() {
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
