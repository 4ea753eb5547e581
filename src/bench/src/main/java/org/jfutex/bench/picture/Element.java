// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** An element of HTML or SVG. What data may hold is escaped here, so that nothing else has to think of it. */
public final class Element {
  /** As fine as a screen shows a drawing. */
  private static final int DECIMALS = 2;

  private final String name;
  private final StringBuilder attributes = new StringBuilder();
  private final List<Object> content = new ArrayList<>();

  private Element(String name) {
    this.name = name;
  }

  /** Elements and lists of such become its children, anything else its text. */
  public static Element of(String name, Object... content) {
    return new Element(name).add(content);
  }

  public Element add(Object... more) {
    content.addAll(List.of(more));
    return this;
  }

  public Element with(String attribute, String value) {
    attributes.append(' ').append(attribute).append("=\"").append(escaped(value)).append('"');
    return this;
  }

  /** A length or a place. */
  public Element with(String attribute, double value) {
    return with(attribute, number(value));
  }

  /** Without a fraction of zeros: a page has thousands of them. */
  static String number(double value) {
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(DECIMALS, RoundingMode.HALF_UP);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  @Override
  public String toString() {
    StringBuilder markup = new StringBuilder();
    markup.append('<').append(name).append(attributes).append('>');
    content.forEach(part -> append(part, markup));
    return markup.append("</").append(name).append('>').toString();
  }

  private static void append(Object part, StringBuilder markup) {
    if (part instanceof List<?> parts) {
      parts.forEach(one -> append(one, markup));
    } else {
      markup.append(part instanceof Element ? part : escaped(part.toString()));
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
