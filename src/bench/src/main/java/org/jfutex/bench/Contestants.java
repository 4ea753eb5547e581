// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jfutex.bench.picture.Series;
import org.jfutex.bench.picture.Series.Datum;

/**
 * The series of a chart, collected from lines. A contestant that several lines name was measured once beside each peer;
 * it is drawn once, by the medians.
 */
final class Contestants {
  private final Map<String, TreeMap<Double, List<Datum>>> ours = new LinkedHashMap<>();
  private final Map<String, TreeMap<Double, List<Datum>>> peers = new LinkedHashMap<>();

  void ours(String name, Datum datum) {
    add(ours, name, datum);
  }

  void peer(String name, Datum datum) {
    add(peers, name, datum);
  }

  private static void add(
      Map<String, TreeMap<Double, List<Datum>>> side, String name, Datum datum) {
    side.computeIfAbsent(name, n -> new TreeMap<>())
        .computeIfAbsent(datum.x(), x -> new ArrayList<>())
        .add(datum);
  }

  /** Ours first. */
  List<Series> series() {
    return Stream.concat(series(ours, Series.Side.OURS), series(peers, Series.Side.PEER)).toList();
  }

  private static Stream<Series> series(
      Map<String, TreeMap<Double, List<Datum>>> side, Series.Side whose) {
    return side.entrySet().stream()
        .map(
            one ->
                new Series(
                    one.getKey(),
                    whose,
                    one.getValue().values().stream().map(Contestants::median).toList()));
  }

  private static Datum median(List<Datum> data) {
    Sample low = new Sample();
    Sample high = new Sample();
    data.forEach(
        datum -> {
          low.add(datum.low());
          high.add(datum.high());
        });
    return new Datum(data.get(0).x(), low.median(), high.median());
  }
}
