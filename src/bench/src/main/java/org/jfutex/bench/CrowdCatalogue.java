// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jfutex.memory.KeyKind;

/** The benchmarks of a wait and a wake while many others wait, beside the same while they do not; by JMH. */
final class CrowdCatalogue implements Theme {
  private static final String IN_JVM = "in-jvm-wake-one-among";
  private static final String KERNEL = "kernel-wake-one-among";
  private static final int MANY = 1_000;
  private static final int MOST = 100_000;
  private static final List<Integer> CROWDS = List.of(1, 10, 100, MANY, 10_000, MOST);

  private final Cpus cpus;
  private final String anyBackend;

  CrowdCatalogue(Means means) {
    cpus = means.cpus();
    anyBackend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(CROWDS.stream().map(this::grown));
    catalogue.add(Stream.of(MANY, MOST).map(this::onOneWord));
    catalogue.add(Stream.of(KeyKind.SHARED_PRIVATE, KeyKind.SHARED_MAPPABLE).map(this::shared));
    catalogue.addOfEachBackend(backend -> Stream.of(kernel(backend)));
  }

  private Duel grown(int others) {
    return inJvm(others, "", anyBackend, KeyKind.PRIVATE, false).at(IN_JVM, "waiters", others);
  }

  private Duel onOneWord(int others) {
    return inJvm(others, "-one-word", anyBackend, KeyKind.PRIVATE, true);
  }

  /** Without system calls the in-JVM engine serves the shared kinds too. */
  private Duel shared(KeyKind kind) {
    String suffix = "-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return inJvm(MOST, suffix, Means.NO_BACKEND, kind, false);
  }

  private Duel inJvm(int others, String suffix, String backend, KeyKind kind, boolean oneWord) {
    return crowd(IN_JVM + "-" + others + suffix, "jfutex", backend, kind, others, oneWord);
  }

  private Duel kernel(String backend) {
    return crowd(KERNEL + "-" + MOST, backend, backend, KeyKind.SHARED_MAPPABLE, MOST, false);
  }

  private Duel crowd(
      String name, String subject, String backend, KeyKind kind, int others, boolean oneWord) {
    return new Duel(
        name,
        subject,
        jmh(backend, kind, others, oneWord, true),
        "no others",
        jmh(backend, kind, others, oneWord, false));
  }

  private Contestant.Factory jmh(
      String backend, KeyKind kind, int others, boolean oneWord, boolean waiting) {
    return file ->
        cpus.alone(
            new ChildJvm(backend).withJmhFlags(),
            "jmh",
            "CrowdBenchmark.prepareWakeOne",
            "kind=" + kind,
            "others=" + others,
            "oneWord=" + oneWord,
            "waiting=" + waiting);
  }
}
