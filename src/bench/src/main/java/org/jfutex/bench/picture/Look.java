// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How a series is told from others: by its colour, which the style sheet gives, and by its mark. */
record Look(String style, String path) {
  private static final List<Look> OURS =
      List.of(
          new Look("ours", "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z"),
          new Look("ours second", "M-3.2-3.2h6.4v6.4h-6.4z"),
          new Look("ours third", "M0-4.6l4.6 4.6-4.6 4.6-4.6-4.6z"));

  private static final List<Look> PEERS =
      List.of(
          new Look("peer", "M0-4.4l4.2 7.4h-8.4z"),
          new Look("peer second", "M0 4.4l4.2-7.4h-8.4z"),
          new Look("peer third", "M-1.3-4.2h2.6v2.9h2.9v2.6h-2.9v2.9h-2.6v-2.9h-2.9v-2.6h2.9z"),
          new Look("peer fourth", "M-4.4 0l7.4-4.2v8.4z"),
          new Look("peer fifth", "M4.4 0l-7.4-4.2v8.4z"));

  /** Not measured, so no marks. */
  private static final List<Look> IDEALS = List.of(new Look("ideal", ""));

  /** One for each, the first of a side always the same. */
  static List<Look> of(List<Series> series) {
    Map<Series.Side, Integer> counts = new EnumMap<>(Series.Side.class);
    List<Look> looks = new ArrayList<>();
    for (Series one : series) {
      List<Look> all = ofSide(one.side());
      looks.add(all.get((counts.merge(one.side(), 1, Integer::sum) - 1) % all.size()));
    }
    return looks;
  }

  private static List<Look> ofSide(Series.Side side) {
    return switch (side) {
      case OURS -> OURS;
      case PEER -> PEERS;
      case IDEAL -> IDEALS;
    };
  }

  Element group(Element... content) {
    return Element.of("g", List.of(content)).with("class", style);
  }

  Element mark(double x, double y, String tip) {
    return Shapes.mark("mark", x, y, path, tip);
  }
}
