// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.bench.picture.Chart;
import org.jfutex.bench.picture.Element;

/**
 * A run as one page of HTML that needs nothing else: no script, no network, no font. What it says whatever the figures
 * is in {@code page.html}.
 */
final class Page {
  private static final Pattern GAP = Pattern.compile("<!--(\\w+)-->");

  private final Outcome outcome;
  private final List<Group> groups;

  Page(Outcome outcome) {
    this.outcome = outcome;
    groups = Group.of(outcome.lines());
  }

  String html() throws IOException {
    Map<String, Object> content =
        Map.of(
            "style", resource("page.css"),
            "counts", counts(),
            "overview", overview(),
            "facts", facts(),
            "missing", missing(),
            "groups", Element.of("div", groups.stream().map(Page::section).toList()));
    return GAP.matcher(resource("page.html"))
        .replaceAll(gap -> Matcher.quoteReplacement(content.get(gap.group(1)).toString()));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Element counts() {
    Group all = new Group(outcome.lines());
    List<Element> items = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      if (all.count(verdict) > 0) {
        items.add(
            Element.of("li", Element.of("strong", all.count(verdict)), " ", verdict.label())
                .with("class", verdict.style()));
      }
    }
    return Element.of("ul", items).with("class", "counts");
  }

  private Element overview() {
    Element head = Element.of("tr", header("group"));
    Arrays.stream(Verdict.values()).forEach(verdict -> head.add(header(verdict.word())));
    head.add(header(RatioBar.axis()));
    Element body = Element.of("tbody");
    for (Group group : groups) {
      Element link = Element.of("a", group.title()).with("href", "#" + id(group));
      Element row = Element.of("tr", Element.of("th", link).with("scope", "row"));
      for (Verdict verdict : Verdict.values()) {
        long count = group.count(verdict);
        row.add(
            Element.of("td", count == 0 ? "·" : Long.toString(count))
                .with("class", count == 0 ? "none" : verdict.style()));
      }
      row.add(Element.of("td", group.hasRatios() ? RatioBar.strip(group) : ""));
      body.add(row);
    }
    return Element.of("table", Element.of("thead", head), body).with("class", "overview");
  }

  private static Element header(Object text) {
    return Element.of("th", text).with("scope", "col");
  }

  private static String id(Group group) {
    return "group-" + group.title().replaceAll("\\W+", "-");
  }

  private Element facts() {
    Element list = Element.of("dl");
    for (String fact : outcome.facts()) {
      String[] parts = fact.split(":\\s*", 2);
      list.add(Element.of("dt", parts[0]), Element.of("dd", parts[parts.length - 1]));
    }
    return list;
  }

  private Element missing() {
    Element missing = Element.of("div");
    if (!outcome.failures().isEmpty()) {
      missing.add(Element.of("h3", "What failed"), list(outcome.failures()));
    }
    if (!outcome.leftOut().isEmpty()) {
      missing.add(Element.of("h3", "What was left out, and why"), list(outcome.leftOut()));
    }
    return missing;
  }

  private static Element list(List<String> texts) {
    return Element.of("ul", texts.stream().map(text -> Element.of("li", text)).toList());
  }

  private static Element section(Group group) {
    Element section =
        Element.of(
                "section",
                Element.of("h2", group.title()).with("id", id(group)),
                RatioTable.of(group))
            .with("class", "group");
    List<String> notes = new Report(group.lines()).notes();
    if (!notes.isEmpty()) {
      section.add(folded("What the figures do not say by themselves", list(notes)));
    }
    List<Chart> charts = Figures.of(group);
    if (!charts.isEmpty()) {
      section.add(
          Element.of("div", charts.stream().map(Page::figure).toList()).with("class", "figures"));
    }
    return section;
  }

  private static Element figure(Chart chart) {
    Element table =
        Element.of("div", chart.table())
            .with("class", "wide")
            .with("role", "region")
            .with("aria-label", chart.title())
            .with("tabindex", 0);
    return Element.of(
        "figure",
        Element.of("figcaption", Element.of("b", chart.title()), " ", chart.subtitle()),
        chart.svg(),
        folded("The numbers", table));
  }

  private static Element folded(String summary, Element content) {
    return Element.of("details", Element.of("summary", summary), content);
  }
}
