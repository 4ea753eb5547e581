// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What changed from one run to another beyond noise. The fields are those of the JSON.
 *
 * @param slower lines that are beyond noise
 * @param faster likewise
 * @param unchanged how many are not
 * @param onlyOld lines that the new run does not have
 * @param onlyNew lines that the old run did not have
 */
record Comparison(
    List<Change> slower,
    List<Change> faster,
    int unchanged,
    List<Line> onlyOld,
    List<Line> onlyNew) {

  /** Which line it is, in any run. */
  private record Key(String name, String subject, String peer) {
    Key(Line line) {
      this(line.name(), line.subject(), line.peer());
    }
  }

  /**
   * Compares.
   *
   * @param floor such as 0.05; a smaller change is noise
   */
  static Comparison of(List<Line> before, List<Line> after, double floor) {
    Map<Key, Line> added = new LinkedHashMap<>();
    after.forEach(line -> added.put(new Key(line), line));
    List<Line> gone = new ArrayList<>();
    List<Change> pairs = new ArrayList<>();
    for (Line line : before) {
      Line now = added.remove(new Key(line));
      if (now == null) {
        gone.add(line);
      } else {
        pairs.add(new Change(line, now));
      }
    }
    List<Change> changes = pairs.stream().filter(pair -> pair.isBeyondNoise(floor)).toList();
    return new Comparison(
        changes.stream().filter(Change::isSlower).toList(),
        changes.stream().filter(change -> !change.isSlower()).toList(),
        pairs.size() - changes.size(),
        gone,
        List.copyOf(added.values()));
  }
}
