// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
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
    Integer pairs,
    Line.Point point,
    Line.Cpu cpu,
    Line.Shares shares,
    Percentiles latencies,
    List<Integer> cpus,
    List<String> notes,
    String run) {

  private static final double THOUSAND = 1000;
  private static final double HUNDRED_THOUSAND = 100_000;

  /** Pairs of percent and nanoseconds. */
  private record Percentiles(List<double[]> subject, List<double[]> peer) {
    static Percentiles of(Line.Latencies latencies) {
      return new Percentiles(pairs(latencies.subject()), pairs(latencies.peer()));
    }

    private static List<double[]> pairs(List<Line.Percentile> percentiles) {
      return percentiles.stream()
          .map(percentile -> new double[] {percentile.percent(), percentile.nanos()})
          .toList();
    }

    boolean arePairs() {
      return Stream.of(subject, peer)
          .filter(Objects::nonNull)
          .flatMap(List::stream)
          .allMatch(pair -> pair != null && pair.length == 2);
    }

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

  /**
   * An array of them, each a line of the text; what a line does not have is null.
   *
   * @param run where and how they were measured
   */
  static String json(List<Line> lines, String run) {
    Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    return lines.stream()
        .map(line -> gson.toJson(of(line, run)))
        .collect(Collectors.joining("," + System.lineSeparator(), "[", "]"));
  }

  private static JsonLine of(Line line, String run) {
    Line.Spread spread = line.spread();
    return new JsonLine(
        line.name(),
        line.unit(),
        line.subject(),
        rounded(line.subjectValue(), THOUSAND),
        line.peer(),
        rounded(line.peerValue(), THOUSAND),
        line.ratio() == null ? null : rounded(line.ratio(), HUNDRED_THOUSAND),
        spread == null ? null : rounded(spread.low(), HUNDRED_THOUSAND),
        spread == null ? null : rounded(spread.high(), HUNDRED_THOUSAND),
        spread == null ? null : spread.pairs(),
        line.point(),
        line.cpu(),
        line.shares(),
        line.latencies() == null ? null : Percentiles.of(line.latencies()),
        line.cpus(),
        line.notes(),
        run);
  }

  private static double rounded(double value, double parts) {
    return Math.round(value * parts) / parts;
  }

  /** What is left of a run: what was left out and what failed, only a live one knows. */
  static Outcome read(Path file) throws IOException {
    List<JsonLine> lines = parse(file);
    if (lines.isEmpty()) {
      throw new IOException(file + ": found no line, expected what --json writes");
    }
    return new Outcome(
        lines.stream()
            .map(JsonLine::run)
            .filter(Objects::nonNull)
            .distinct()
            .map(text -> "run: " + text)
            .toList(),
        lines.stream().map(JsonLine::line).toList(),
        List.of(),
        List.of());
  }

  /**
   * The lines of a file.
   *
   * @throws IOException that says which file, what was found and what was expected
   */
  static List<JsonLine> parse(Path file) throws IOException {
    try {
      JsonLine[] lines = new Gson().fromJson(Files.readString(file), JsonLine[].class);
      if (lines == null || !Stream.of(lines).allMatch(JsonLine::isWhole)) {
        throw new JsonParseException("found no lines, or one without what each has");
      }
      return List.of(lines);
    } catch (JsonParseException | NumberFormatException e) {
      throw new IOException(
          file + " is no array of lines, expected what --json writes: " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist, expected what --json writes", e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no UTF-8, expected what --json writes", e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage() + ", expected what --json writes", e);
    }
  }

  private static boolean isWhole(JsonLine line) {
    return line != null
        && Stream.of(line.name, line.subject, line.peer, line.unit).noneMatch(Objects::isNull)
        && (line.low == null) == (line.high == null)
        && (line.latencies == null || line.latencies.arePairs());
  }

  Line line() {
    return new Line(
        name,
        unit,
        subject,
        subjectValue,
        peer,
        peerValue,
        ratio,
        low == null ? null : new Line.Spread(low, high, pairs == null ? 0 : pairs),
        notes == null ? List.of() : notes,
        point,
        cpu,
        shares,
        latencies == null ? null : latencies.latencies(),
        cpus);
  }
}
