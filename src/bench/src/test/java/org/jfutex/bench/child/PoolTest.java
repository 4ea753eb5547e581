// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoolTest {
  @Test
  void hasOfEachAsManyAsItDid() {
    List<Long> much = List.of(1L, 2L, 3L, 4L);
    List<Long> little = List.of(10L, 20L, 30L, 40L);
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 20L, 40L), Pool.of(List.of(much, little), List.of(60.0, 30.0)));
    assertEquals(List.of(1L, 2L, 3L, 4L), Pool.of(List.of(much, little), List.of(1000.0, 1.0)));
  }

  @Test
  void isEmptyWhereOneWithASampleHasNone() {
    assertEquals(List.of(), Pool.of(List.of(List.of(1L), List.of()), List.of(1.0, 1.0)));
  }
}
