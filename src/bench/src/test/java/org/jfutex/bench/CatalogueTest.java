// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What cannot be measured is left out, with its reason; nothing else is. */
class CatalogueTest {
  private static final String REASON = "it is a test";

  @Test
  void whatNeedsSomethingIsLeftOutWithoutIt() throws IOException {
    Catalogue catalogue = catalogue(Need.TASKSET);
    assertEquals(List.of("pair-one-cpu", "solo"), names(catalogue));
    assertEquals(List.of("pair-two-cpus: it is a test"), catalogue.leftOut());
  }

  /** A beginning that others have, too, is not enough; and where they have the name, whose line it is tells. */
  @Test
  void linesThatAreLeftOutAreNamedBriefly() throws IOException {
    assertEquals(List.of("pair-two-cpus (ffm): it is a test"), catalogue(Need.FFM).leftOut());
    assertEquals(List.of("all of jna: it is a test"), catalogue(Need.JNA).leftOut());
    assertEquals(List.of("solo: it is a test"), catalogue(Need.MKFIFO).leftOut());
    assertEquals("a-b", Names.beginning(List.of("a-b-c", "a-b", "a-b-d-e")));
  }

  private static Catalogue catalogue(Need missing) throws IOException {
    return new Catalogue(
        without(missing),
        catalogue -> {
          catalogue.add(Stream.of(line("pair-two-cpus", "ffm")), Need.FFM, Need.TASKSET);
          catalogue.add(Stream.of(line("pair-two-cpus", "jna")), Need.JNA, Need.TASKSET);
          catalogue.add(Stream.of(line("pair-one-cpu", "ffm")));
          catalogue.add(Stream.of(line("solo", "ffm")), Need.MKFIFO);
        });
  }

  private static Means without(Need missing) throws IOException {
    return new Means(null, Cpus.allowed(), Map.of(missing, REASON));
  }

  private static Benchmark line(String name, String subject) {
    return new Allocation(name, subject, file -> null);
  }

  /** Of the real ones. */
  @ParameterizedTest
  @EnumSource(Need.class)
  void eachNeedIsSomeLines(Need need) throws IOException {
    Means all = new Means(null, Cpus.allowed(), Map.of());
    Catalogue less = Catalogue.of(without(need));
    assertTrue(less.benchmarks().size() < Catalogue.of(all).benchmarks().size());
    assertEquals(1, less.leftOut().size());
  }

  private static List<String> names(Catalogue catalogue) {
    return catalogue.benchmarks().stream().map(Benchmark::name).toList();
  }
}
