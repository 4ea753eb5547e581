// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The lines whose names begin with the same word: what a reader looks for together. */
record Group(List<Line> lines) {
  /** In the order of the report. */
  static List<Group> of(List<Line> lines) {
    return by(lines, line -> Names.words(line.name()).get(0)).stream().map(Group::new).toList();
  }

  private static Collection<List<Line>> by(List<Line> lines, Function<Line, String> key) {
    Map<String, List<Line>> groups =
        lines.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    return groups.values();
  }

  /** All the words that they have in common, since the first one may be an {@code in}. */
  String title() {
    return Names.beginning(lines.stream().map(Line::name).toList());
  }

  /** Each the lines of one. */
  Collection<List<Line>> curves() {
    List<Line> points = lines.stream().filter(line -> line.point() != null).toList();
    return by(points, line -> line.point().curve());
  }

  /** Each the lines of one name, whose operations are the same; of a curve those at its end. */
  Collection<List<Line>> distributions() {
    List<Line> known =
        lines.stream().filter(line -> line.latencies() != null && isLast(line.point())).toList();
    return by(known, Line::name);
  }

  private boolean isLast(Line.Point point) {
    return point == null
        || lines.stream()
            .map(Line::point)
            .noneMatch(
                other ->
                    other != null && other.curve().equals(point.curve()) && other.x() > point.x());
  }

  long count(Verdict verdict) {
    return lines.stream().filter(line -> Verdict.of(line) == verdict).count();
  }

  boolean hasRatios() {
    return lines.stream().anyMatch(line -> line.ratio() != null);
  }

  String summary() {
    return Stream.of(Verdict.BETTER, Verdict.ALIKE, Verdict.WORSE)
        .map(verdict -> count(verdict) + " " + verdict.word())
        .collect(Collectors.joining(", "));
  }
}
