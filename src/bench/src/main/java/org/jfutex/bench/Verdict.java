// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.Locale;
import org.jfutex.bench.picture.Element;

/** What a line says of ours beyond noise: better or worse only where the middle half of its ratios is beside 1. */
enum Verdict {
  BETTER("▼", "M-4.5-3h9l-4.5 8z"),
  ALIKE("=", "M-3.5-3.5h7v7h-7z"),
  WORSE("▲", "M-4.5 3h9l-4.5-8z"),
  /** There is nothing to divide by. */
  NO_RATIO("–", "");

  private final String sign;
  private final String mark;

  Verdict(String sign, String mark) {
    this.sign = sign;
    this.mark = mark;
  }

  static Verdict of(Line line) {
    if (line.spread() == null) {
      return NO_RATIO;
    }
    if (line.spread().high() < 1) {
      return BETTER;
    }
    return line.spread().low() > 1 ? WORSE : ALIKE;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** In the style sheet. */
  String style() {
    return word().replace(' ', '-');
  }

  /** In words, and with a sign for who sees no colours; the words are enough for who sees nothing. */
  Element label() {
    Element hidden = Element.of("span", sign).with("aria-hidden", "true");
    return Element.of("span", hidden, " ", word()).with("class", "verdict " + style());
  }

  /** As a path of SVG around the origin. */
  String mark() {
    return mark;
  }
}
