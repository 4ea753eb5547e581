// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jfutex.bench.picture.Element;
import org.jfutex.bench.picture.Quantity;

/** The lines of a group as a table of HTML; on a narrow screen each becomes a card, with the headers in its cells. */
final class RatioTable {
  private static final String DRAWN = "drawn";
  private static final double PERCENT = 100;

  /** Those that no line of the group fills are left away. */
  private static final List<Column> COLUMNS =
      List.of(
          new Column("ours", line -> true, RatioTable::subject),
          new Column("peer", line -> true, RatioTable::peer),
          new Column("ratio", RatioTable::hasRatio, RatioTable::ratio),
          new Column(DRAWN, RatioTable::hasSpread, RatioTable::bar),
          new Column("verdict", RatioTable::hasSpread, line -> Verdict.of(line).label()),
          new Column("CPUs busy", line -> line.cpu() != null, RatioTable::cpu),
          new Column("share of each", line -> line.shares() != null, RatioTable::shares));

  private RatioTable() {}

  private record Column(String title, Predicate<Line> isFilled, Function<Line, Element> content) {
    Element head() {
      return header(title.equals(DRAWN) ? RatioBar.axis() : title).with("class", style());
    }

    Element cell(Line line) {
      Element cell = isFilled.test(line) ? Element.of("td", content.apply(line)) : Element.of("td");
      return cell.with("class", style()).with("data-header", title);
    }

    private String style() {
      return title.replace(' ', '-');
    }
  }

  static Element of(Group group) {
    List<Column> columns =
        COLUMNS.stream()
            .filter(column -> group.lines().stream().anyMatch(column.isFilled))
            .toList();
    Element head = Element.of("tr", header("figure"));
    columns.forEach(column -> head.add(column.head()));
    Element body = Element.of("tbody");
    for (Line line : group.lines()) {
      Element row = Element.of("tr", name(line).with("scope", "row"));
      columns.forEach(column -> row.add(column.cell(line)));
      body.add(row);
    }
    return Element.of("table", Element.of("thead", head), body).with("class", "ratios");
  }

  private static Element name(Line line) {
    Element name = Element.of("th", line.name());
    if (line.cpus() != null && !line.cpus().isEmpty()) {
      name.add(" ", Element.of("small", "CPU " + Machine.cpuList(line.cpus())));
    }
    return name;
  }

  private static Element header(Object text) {
    return Element.of("th", text).with("scope", "col");
  }

  private static boolean hasRatio(Line line) {
    return line.ratio() != null;
  }

  /** A file of an older version has ratios without. */
  private static boolean hasSpread(Line line) {
    return line.spread() != null;
  }

  private static Element subject(Line line) {
    return twofold(Quantity.of(line.subjectValue(), line.unit()), line.subject());
  }

  private static Element peer(Line line) {
    return twofold(Quantity.of(line.peerValue(), line.unit()), line.peer());
  }

  private static Element ratio(Line line) {
    return twofold(Report.ratio(line.ratio()), Report.spread(line));
  }

  private static Element bar(Line line) {
    return RatioBar.of(line, Report.ratio(line.ratio()), Report.spread(line));
  }

  private static Element cpu(Line line) {
    return twofold(
        Quantity.number(line.cpu().subject()), "peer " + Quantity.number(line.cpu().peer()));
  }

  private static Element shares(Line line) {
    return twofold(percent(line.shares().subject()), "peer " + percent(line.shares().peer()));
  }

  private static String percent(Line.Share share) {
    return String.format(
        Locale.ROOT, "%.0f–%.0f %%", PERCENT * share.least(), PERCENT * share.most());
  }

  /** A figure, and below it what it is of. */
  private static Element twofold(String figure, String detail) {
    return Element.of("div", Element.of("b", figure), " ", Element.of("small", detail));
  }
}
