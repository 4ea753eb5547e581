// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table of futex operations and of what Linux answers: {@code conformance/futex-cases.tsv}. */
final class ConformanceTable {
  private static final String RESOURCE = "/conformance/futex-cases.tsv";
  private static final String PROSE = "n/a";
  private static final Pattern KIND = Pattern.compile("kind=(\\w+)");
  private static final int COLUMNS = 7;

  private ConformanceTable() {}

  /** One scene. */
  record Row(
      String id,
      String operation,
      String preconditions,
      String action,
      String expected,
      String notes) {

    /** A scene in words, which no program can execute. */
    boolean isProse() {
      return preconditions.startsWith(PROSE) || action.startsWith(PROSE);
    }

    /** Why it is told in words. */
    String prose() {
      return notes.replaceFirst(" \\| not executed$", "");
    }

    /** The kinds of words with which to run it, {@code "shared"} and {@code "private"}. */
    List<String> kinds() {
      Matcher kind = KIND.matcher(preconditions);
      if (!kind.find()) {
        return List.of("shared");
      }
      return kind.group(1).equals("both") ? List.of("shared", "private") : List.of(kind.group(1));
    }

    /** What is mapped, {@code "file"} unless the row says otherwise. */
    String map() {
      return ConformanceScript.statements(preconditions).stream()
          .filter(s -> s.startsWith("map="))
          .map(s -> s.substring("map=".length()))
          .findFirst()
          .orElse("file");
    }

    /** What to do before the clock starts. */
    List<ConformanceScript.Statement> preparation() {
      return ConformanceScript.statements(preconditions).stream()
          .filter(s -> !s.startsWith("map=") && !s.startsWith("kind="))
          .map(ConformanceScript::parse)
          .collect(Collectors.toList());
    }

    /** What to do. */
    List<ConformanceScript.Statement> steps() {
      return ConformanceScript.statements(action).stream()
          .map(ConformanceScript::parse)
          .collect(Collectors.toList());
    }

    /** What is to come of it. */
    List<ConformanceExpectation> expectations() {
      return ConformanceScript.statements(expected).stream()
          .map(ConformanceExpectation::parse)
          .collect(Collectors.toList());
    }
  }

  static List<Row> rows() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ConformanceTable.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
      return lines.lines().skip(1).map(ConformanceTable::row).collect(Collectors.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Row row(String line) {
    String[] column = line.split("\t", -1);
    if (column.length != COLUMNS) {
      throw new IllegalArgumentException(
          column.length + " columns, expected " + COLUMNS + ": " + line);
    }
    return new Row(column[0], column[2], column[3], column[4], column[5], column[6]);
  }
}
