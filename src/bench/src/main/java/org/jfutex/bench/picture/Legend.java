// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.util.ArrayList;
import java.util.List;

/** The names of the series of a chart, each with its look; in as many rows as they need. */
final class Legend {
  private static final double ROW = 18;

  /** As most letters of most fonts have at most, at the size of the style sheet. */
  private static final double LETTER = 6.4;

  private static final double SAMPLE = 24;
  private static final double BESIDE = 6;
  private static final double BETWEEN = 16;

  private final List<Key> keys = new ArrayList<>();

  private record Key(String name, Look look, double left, double middle) {}

  Legend(List<Series> series, List<Look> looks, double width) {
    double left = 0;
    double middle = ROW / 2;
    for (int i = 0; i < series.size(); i++) {
      String name = series.get(i).name();
      double right = left + SAMPLE + BESIDE + LETTER * name.length();
      if (left > 0 && right > width) {
        right -= left;
        left = 0;
        middle += ROW;
      }
      keys.add(new Key(name, looks.get(i), left, middle));
      left = right + BETWEEN;
    }
  }

  double height() {
    return keys.get(keys.size() - 1).middle() + ROW;
  }

  List<Element> drawn() {
    return keys.stream().map(Legend::drawn).toList();
  }

  private static Element drawn(Key key) {
    double right = key.left + SAMPLE;
    return key.look.group(
        Shapes.line("line", key.left, key.middle, right, key.middle),
        key.look.mark((key.left + right) / 2, key.middle, key.name),
        Shapes.text("key", right + BESIDE, key.middle, key.name));
  }
}
