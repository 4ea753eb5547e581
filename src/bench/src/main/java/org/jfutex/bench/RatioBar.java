// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import org.jfutex.bench.picture.Element;
import org.jfutex.bench.picture.Scale;
import org.jfutex.bench.picture.Shapes;

/**
 * Ratios drawn to the left of 1 or to the right, by their logarithm: half as much is as far as twice as much. All have
 * the same scale, so that they compare; what lies beyond it ends in an arrow.
 */
final class RatioBar {
  private static final Scale SCALE = new Scale(1.0 / 8, 8, true);
  private static final List<Tick> TICKS =
      List.of(
          new Tick(1.0 / 4, "¼"),
          new Tick(1.0 / 2, "½"),
          new Tick(1, "1"),
          new Tick(2, "2"),
          new Tick(4, "4"));
  private static final double WIDTH = 216;
  private static final double HEIGHT = 22;
  private static final double MIDDLE = HEIGHT / 2;
  private static final double EDGE = 8;
  private static final double BAR = 10;
  private static final double CAP = 4;

  private RatioBar() {}

  private record Tick(double ratio, String label) {}

  /** Goes above a column of the others. */
  static Element axis() {
    Element svg = drawing("ratio, drawn", "a logarithmic axis from an eighth to eight times");
    for (Tick tick : TICKS) {
      svg.add(Shapes.text("tick x", across(tick.ratio), HEIGHT - CAP, tick.label));
    }
    return svg;
  }

  /** A bar from 1 to the ratio, and on it the middle half as a whisker. */
  static Element of(Line line, String ratio, String middleHalf) {
    double one = across(1);
    double end = across(line.ratio());
    double low = across(line.spread().low());
    double high = across(line.spread().high());
    Element bar =
        Element.of("rect")
            .with("x", Math.min(one, end))
            .with("y", MIDDLE - BAR / 2)
            .with("width", Math.abs(one - end))
            .with("height", BAR);
    Element drawing =
        Element.of(
                "g",
                bar,
                Shapes.line("whisker", low, MIDDLE, high, MIDDLE),
                Shapes.line("whisker", low, MIDDLE - CAP, low, MIDDLE + CAP),
                Shapes.line("whisker", high, MIDDLE - CAP, high, MIDDLE + CAP))
            .with("class", Verdict.of(line).style());
    if (line.ratio() < SCALE.from()) {
      drawing.add(Shapes.mark("arrow", end, MIDDLE, "M-8 0l8-7v14z", ratio));
    }
    if (line.ratio() > SCALE.to()) {
      drawing.add(Shapes.mark("arrow", end, MIDDLE, "M8 0l-8-7v14z", ratio));
    }
    return gridded("ratio " + ratio, "middle half " + middleHalf).add(drawing);
  }

  /** Where the ratios of a group lie, a mark each. */
  static Element strip(Group group) {
    Element svg = gridded("ratios of " + group.title(), group.summary());
    for (Line line : group.lines()) {
      if (line.spread() != null) {
        Verdict verdict = Verdict.of(line);
        double at = across(line.ratio());
        svg.add(Shapes.mark(verdict.style(), at, MIDDLE, verdict.mark(), line.name()));
      }
    }
    return svg;
  }

  private static Element gridded(String title, String description) {
    Element svg = drawing(title, description);
    for (Tick tick : TICKS) {
      double at = across(tick.ratio);
      svg.add(Shapes.line(tick.ratio == 1 ? "axis" : "grid", at, 0, at, HEIGHT));
    }
    return svg;
  }

  private static Element drawing(String title, String description) {
    return Shapes.drawing("bar", WIDTH, HEIGHT, title, description)
        .with("width", WIDTH)
        .with("height", HEIGHT);
  }

  private static double across(double ratio) {
    double shown = Math.max(SCALE.from(), Math.min(SCALE.to(), ratio));
    return EDGE + SCALE.share(shown) * (WIDTH - 2 * EDGE);
  }
}
