// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

/** What SVG draws, with a class of the style sheet each. */
public final class Shapes {
  private Shapes() {}

  public static Element line(String style, double x1, double y1, double x2, double y2) {
    return Element.of("line")
        .with("class", style)
        .with("x1", x1)
        .with("y1", y1)
        .with("x2", x2)
        .with("y2", y2);
  }

  public static Element text(String style, double x, double y, String text) {
    return Element.of("text", text).with("class", style).with("x", x).with("y", y);
  }

  /** One of paths around the origin, moved; who points at it is told what it is. */
  public static Element mark(String style, double x, double y, String path, String tip) {
    return Element.of("path", Element.of("title", tip))
        .with("class", style)
        .with("transform", "translate(" + Element.number(x) + " " + Element.number(y) + ")")
        .with("d", path);
  }

  /** A drawing that a screen reader tells as a whole. */
  public static Element drawing(
      String style, double width, double height, String title, String description) {
    return Element.of("svg", Element.of("title", title), Element.of("desc", description))
        .with("class", style)
        .with("role", "img")
        .with("viewBox", "0 0 " + Element.number(width) + " " + Element.number(height));
  }
}
