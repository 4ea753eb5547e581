// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;

/** What {@code --json} prints: one object, on one line, and nothing else on stdout. */
final class Json {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private Json() {}

  static void print(Object report) {
    System.out.println(GSON.toJson(report));
  }

  /** Figures are measurements: more than three decimals are noise. */
  static double rounded(double figure) {
    return Math.round(figure * 1000) / 1000.0;
  }
}
