// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Lines as a table for people. No verdict: what is enough is for the reader to say. */
final class Report {

  /** Below it so few decimals would say nothing. */
  private static final double SMALL = 0.1;

  private final List<Line> lines;

  Report(List<Line> lines) {
    this.lines = lines;
  }

  String table() {
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        lines,
        List.of(
            column("name", Line::name),
            column("ours", Line::subject),
            number("value", line -> value(line.subjectValue())),
            column("peer", Line::peer),
            number("value", line -> value(line.peerValue())),
            column("unit", Line::unit),
            number("ratio", line -> line.ratio() == null ? "-" : ratio(line.ratio())),
            column("middle half", Report::spread)));
  }

  private static ColumnData<Line> column(String header, Function<Line, String> text) {
    return new Column().header(header).dataAlign(HorizontalAlign.LEFT).with(text);
  }

  private static ColumnData<Line> number(String header, Function<Line, String> text) {
    return new Column().header(header).dataAlign(HorizontalAlign.RIGHT).with(text);
  }

  static String spread(Line line) {
    return line.spread() == null
        ? "-"
        : ratio(line.spread().low()) + " .. " + ratio(line.spread().high());
  }

  static String value(double value) {
    return String.format(Locale.ROOT, value < SMALL ? "%.3f" : "%,.1f", value);
  }

  static String ratio(double ratio) {
    return String.format(Locale.ROOT, ratio < SMALL ? "%.4f" : "%.2f", ratio);
  }

  /** What a figure does not say by itself. */
  List<String> notes() {
    return lines.stream()
        .flatMap(line -> line.notes().stream().map(note -> line.name() + ": " + note))
        .toList();
  }
}
