// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;

/** What tests ask of an outcome. */
final class JsonFields {
  private JsonFields() {}

  static boolean isTrue(JsonObject json, String field) {
    return json.get(field).getAsJsonPrimitive().isBoolean() && json.get(field).getAsBoolean();
  }

  static void assertPositive(JsonObject json, String field) {
    assertTrue(json.get(field).getAsJsonPrimitive().isNumber(), field);
    assertTrue(json.get(field).getAsDouble() > 0, () -> field + " of " + json);
  }
}
