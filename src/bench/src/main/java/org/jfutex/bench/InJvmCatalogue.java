// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.stream.Stream;

/** The benchmarks of the in-JVM engine by JMH, beside what {@code java.util.concurrent} has for that. */
final class InJvmCatalogue implements Theme {
  private static final String LOCK = "ReentrantLock";
  private static final String LOCK_METHOD = "lockUnlock";

  private final Cpus cpus;
  private final String backend;

  InJvmCatalogue(Means means) {
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        Stream.of(
            line("wake-nobody", "wakeNobody", LOCK, LOCK_METHOD),
            line("prepare-complete", "prepareComplete", LOCK, LOCK_METHOD),
            line("prepare-wake-one", "prepareWakeOne", LOCK, LOCK_METHOD),
            line("wait-async", "waitAsyncWake", "CompletableFuture", "completeFuture")));
  }

  private Benchmark line(String name, String method, String peer, String peerMethod) {
    return new Duel("in-jvm-" + name, "jfutex", jmh(method), peer, jmh(peerMethod));
  }

  private Contestant.Factory jmh(String method) {
    return file ->
        cpus.alone(new ChildJvm(backend).withJmhFlags(), "jmh", "InJvmBenchmark." + method);
  }
}
