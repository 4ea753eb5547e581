// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every benchmark that can run here, and why the others cannot. */
final class Catalogue {
  private final Means means;
  private final List<Benchmark> benchmarks = new ArrayList<>();
  private final Map<Need, List<Benchmark>> leftOut = new EnumMap<>(Need.class);

  Catalogue(Means means, Theme... themes) {
    this.means = means;
    Stream.of(themes).forEach(theme -> theme.addTo(this));
  }

  /** All there is, in the order of the report. */
  static Catalogue of(Means means) {
    return new Catalogue(
        means,
        new CallCatalogue(means),
        new MutexCatalogue(means),
        new TurnCatalogue(means),
        new SemaphoreCatalogue(means),
        new ReadWriteCatalogue(means),
        new WordsCatalogue(means),
        new QueueCatalogue(means),
        new IdleCatalogue(means),
        new AsyncCatalogue(means),
        new JucCatalogue(means),
        new GrowthCatalogue(means),
        new RegionCatalogue(means),
        new InterruptCatalogue(means),
        new InJvmCatalogue(means),
        new CrowdCatalogue(means),
        new AllocationCatalogue(means));
  }

  /** Lines of a theme that all need the same. */
  void add(Stream<? extends Benchmark> lines, Need... needs) {
    Optional<Need> missing = means.missing(Set.of(needs));
    List<Benchmark> place =
        missing
            .map(need -> leftOut.computeIfAbsent(need, n -> new ArrayList<>()))
            .orElse(benchmarks);
    lines.forEach(place::add);
  }

  /** The same lines through each way to the kernel. */
  void addOfEachBackend(Function<String, Stream<? extends Benchmark>> lines, Need... needs) {
    for (Need backend : Means.BACKENDS) {
      Need[] all = Stream.concat(Stream.of(backend), Stream.of(needs)).toArray(Need[]::new);
      add(lines.apply(Means.name(backend)), all);
    }
  }

  /** In the order of the report. */
  List<Benchmark> benchmarks() {
    return benchmarks;
  }

  /** One reason a line. */
  List<String> leftOut() {
    return leftOut.keySet().stream().map(need -> names(need) + ": " + means.reason(need)).toList();
  }

  private String names(Need need) {
    Stream<Benchmark> forOthers =
        leftOut.keySet().stream()
            .filter(other -> other != need)
            .flatMap(other -> leftOut.get(other).stream());
    List<Benchmark> others = Stream.concat(benchmarks.stream(), forOthers).toList();
    return String.join(", ", Names.thatOnly(leftOut.get(need), others));
  }
}
