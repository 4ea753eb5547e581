// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A chart as SVG, and as the table that says the same. It is as wide as a phone and its letters keep their size: a page
 * with more room puts several beside one another.
 */
public final class Chart {
  private static final double WIDTH = 360;
  private static final double LEFT = 54;
  private static final double RIGHT = 350;
  private static final double HEIGHT = 190;

  /** From the edges of the plot, so that marks and ranges there have room. */
  private static final double INSET = 16;

  private static final double TICK = 4;
  private static final double TICK_LABEL = 17;
  private static final double TITLE = 35;
  private static final double BELOW = 44;

  /** Marks that are nearer hide one another. */
  private static final double NEAR = 14;

  /** Between ranges at the same x. */
  private static final double ASIDE = 9;

  private static final double CAP = 3;
  private static final double LETTER = 6.4;

  private final String title;
  private final Axis x;
  private final Axis y;
  private final List<Series> series;
  private final List<Look> looks;
  private final Legend legend;
  private final double bottom;

  public Chart(String title, Axis x, Axis y, List<Series> series) {
    this.title = title;
    this.x = x;
    this.y = y;
    this.series = series;
    looks = Look.of(series);
    legend = new Legend(series, looks, WIDTH);
    bottom = legend.height() + HEIGHT;
  }

  public String title() {
    return title;
  }

  /** What against what. */
  public String subtitle() {
    return y.title() + " by " + x.title();
  }

  public Element svg() {
    Element svg = Shapes.drawing("chart", WIDTH, bottom + BELOW, title, description());
    svg.add(legend.drawn());
    drawAxes(svg);
    for (int i = 0; i < series.size(); i++) {
      svg.add(drawn(series.get(i), looks.get(i), ASIDE * (i - (series.size() - 1) / 2.0)));
    }
    return svg;
  }

  private String description() {
    return series.stream()
        .map(this::described)
        .collect(Collectors.joining("; ", subtitle() + ". ", "."));
  }

  private String described(Series one) {
    Series.Datum first = one.data().get(0);
    Series.Datum last = one.data().get(one.data().size() - 1);
    String from = one.name() + ": " + name(first) + " at " + x.name(first.x());
    return first == last ? from : from + ", " + name(last) + " at " + x.name(last.x());
  }

  private void drawAxes(Element svg) {
    for (double tick : y.ticks()) {
      double at = down(tick);
      svg.add(Shapes.line("grid", LEFT, at, RIGHT, at));
      svg.add(Shapes.text("tick y", LEFT - 2 * TICK, at, y.name(tick)));
    }
    double free = 0;
    for (double tick : x.ticks()) {
      double at = across(tick);
      double half = LETTER * x.name(tick).length() / 2;
      svg.add(Shapes.line("axis", at, bottom, at, bottom + TICK));
      if (at - half >= free) {
        svg.add(Shapes.text("tick x", at, bottom + TICK_LABEL, x.name(tick)));
        free = at + half + LETTER;
      }
    }
    svg.add(Shapes.line("axis", LEFT, bottom, RIGHT, bottom));
    svg.add(Shapes.text("tick x", (LEFT + RIGHT) / 2, bottom + TITLE, x.title()));
  }

  private Element drawn(Series one, Look look, double aside) {
    List<Series.Datum> data = one.data().stream().filter(Series.Datum::isDrawn).toList();
    boolean ranges = data.stream().anyMatch(Series.Datum::isRange);
    Element drawing = look.group();
    if (!ranges) {
      String points =
          data.stream()
              .map(d -> Element.number(across(d.x())) + "," + Element.number(down(d.low())))
              .collect(Collectors.joining(" "));
      drawing.add(Element.of("polyline").with("class", "line").with("points", points));
    }
    double free = 0;
    for (Series.Datum datum : data) {
      double at = across(datum.x());
      if (ranges) {
        drawing.add(range(at + aside, down(datum.low()), down(datum.high())));
        at += aside;
      }
      if (at >= free) {
        double middle = (down(datum.low()) + down(datum.high())) / 2;
        drawing.add(
            look.mark(at, middle, one.name() + ", " + x.name(datum.x()) + ": " + name(datum)));
        free = at + NEAR;
      }
    }
    return drawing;
  }

  private static List<Element> range(double at, double low, double high) {
    return List.of(
        Shapes.line("range", at, low, at, high),
        Shapes.line("range", at - CAP, low, at + CAP, low),
        Shapes.line("range", at - CAP, high, at + CAP, high));
  }

  private double across(double value) {
    return LEFT + INSET + x.scale().share(value) * (RIGHT - LEFT - 2 * INSET);
  }

  private double down(double value) {
    return bottom - y.scale().share(value) * HEIGHT;
  }

  /** The numbers, for who would rather read them or cannot see the drawing. */
  public Element table() {
    Element head = Element.of("tr", Element.of("th", x.title()).with("scope", "col"));
    series.forEach(one -> head.add(Element.of("th", one.name()).with("scope", "col")));
    Element body = Element.of("tbody");
    for (double at : places()) {
      Element row = Element.of("tr", Element.of("th", x.name(at)).with("scope", "row"));
      series.forEach(one -> row.add(Element.of("td", cell(one, at))));
      body.add(row);
    }
    return Element.of("table", Element.of("caption", subtitle()), Element.of("thead", head), body)
        .with("class", "numbers");
  }

  private TreeSet<Double> places() {
    return series.stream()
        .flatMap(one -> one.data().stream())
        .map(Series.Datum::x)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private String cell(Series one, double at) {
    return one.data().stream()
        .filter(datum -> datum.x() == at)
        .map(this::name)
        .findFirst()
        .orElse("–");
  }

  private String name(Series.Datum datum) {
    String low = y.name(datum.low());
    return datum.isRange() ? low + " to " + y.name(datum.high()) : low;
  }
}
