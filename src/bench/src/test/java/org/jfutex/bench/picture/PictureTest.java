// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Places, ticks and words of values. */
class PictureTest {
  private static final double EXACT = 1e-9;

  @Test
  void fewValuesLieByTheirDistanceFromZero() {
    Scale scale = Scale.around(List.of(3.0, 17.0));
    assertEquals(new Scale(0, 20, false), scale);
    assertEquals(List.of(0.0, 5.0, 10.0, 15.0, 20.0), scale.ticks());
    assertEquals(0.25, scale.share(5), EXACT);
  }

  @Test
  void moreThanADecadeLiesByLogarithm() {
    Scale scale = Scale.around(List.of(3.0, 170.0));
    assertEquals(new Scale(2, 200, true), scale);
    assertEquals(List.of(2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0), scale.ticks());
    assertEquals(0.5, scale.share(20), EXACT);
  }

  @Test
  void manyDecadesNameNothingBetween() {
    assertEquals(
        List.of(1.0, 10.0, 100.0, 1000.0, 10_000.0), Scale.around(List.of(0.6, 12_000.0)).ticks());
  }

  @Test
  void zerosAndSingleValuesHavePlaces() {
    assertEquals(new Scale(0, 1, false), Scale.around(List.of(0.0)));
    assertEquals(0.5, Scale.through(List.of(7.0)).share(7), EXACT);
    assertEquals(0.5, Scale.through(List.of(0.0, 100.0)).share(50), EXACT);
  }

  @Test
  void zeroLiesADecadeBeforeTheOthersOfALogarithmicAxis() {
    Scale scale = Scale.through(List.of(0.0, 100.0, 100_000.0));
    assertEquals(
        List.of(0.0, 0.25, 1.0), Stream.of(0.0, 100.0, 100_000.0).map(scale::share).toList());
  }

  @Test
  void quantitiesHaveThreeDigitsAndAFittingUnit() {
    assertEquals("1.23 µs", Quantity.of(1_234, "ns/op"));
    assertEquals("1 µs", Quantity.of(999.9, "ns/op"));
    assertEquals("40 B", Quantity.of(40, "B/op"));
    assertEquals("0.3 % CPU", Quantity.of(0.3, "% CPU"));
    assertEquals("0 ns", Quantity.of(0, "ns"));
    assertEquals("1,230,000", Quantity.number(1_234_567));
  }

  @Test
  void whatDataHoldIsNoMarkup() {
    Element element = Element.of("p", "<b> & ", Element.of("i", 1)).with("title", "\"><script>");
    assertEquals(
        "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt; &amp; <i>1</i></p>", element.toString());
  }
}
