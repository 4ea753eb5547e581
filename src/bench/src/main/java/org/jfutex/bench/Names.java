// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Names of lines, by the words that they begin with. */
final class Names {
  private static final String BETWEEN_WORDS = "-";

  private Names() {}

  static List<String> words(String name) {
    return List.of(name.split(BETWEEN_WORDS, -1));
  }

  /** All the words that they begin with alike. */
  static String beginning(List<String> names) {
    List<String> common = new ArrayList<>(words(names.get(0)));
    for (String name : names) {
      List<String> words = words(name);
      int same = 0;
      while (same < Math.min(common.size(), words.size())
          && common.get(same).equals(words.get(same))) {
        same++;
      }
      common.subList(same, common.size()).clear();
    }
    return String.join(BETWEEN_WORDS, common);
  }

  /**
   * Says in few words which lines they are: by the beginnings of names that none of the others has, else by whose lines
   * they are.
   */
  static List<String> thatOnly(List<Benchmark> lines, List<Benchmark> others) {
    return lines.stream().map(line -> thatOnly(line, lines, others)).distinct().toList();
  }

  private static String thatOnly(Benchmark line, List<Benchmark> lines, List<Benchmark> others) {
    return beginnings(line.name())
        .filter(start -> others.stream().noneMatch(other -> other.name().startsWith(start)))
        .findFirst()
        .map(start -> beginning(thoseWith(start, lines)))
        .orElseGet(
            () ->
                others.stream().anyMatch(other -> other.subject().equals(line.subject()))
                    ? line.name() + " (" + line.subject() + ")"
                    : "all of " + line.subject());
  }

  /** From the shortest to the whole name. */
  private static Stream<String> beginnings(String name) {
    List<String> words = words(name);
    return IntStream.rangeClosed(1, words.size())
        .mapToObj(count -> String.join(BETWEEN_WORDS, words.subList(0, count)));
  }

  private static List<String> thoseWith(String start, List<Benchmark> lines) {
    return lines.stream()
        .map(Benchmark::name)
        .filter(name -> (name + BETWEEN_WORDS).startsWith(start + BETWEEN_WORDS))
        .toList();
  }
}
