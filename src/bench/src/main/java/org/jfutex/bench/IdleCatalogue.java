// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The benchmarks of how a consumer in another process waits for a message, and what that costs: the latency, and beside
 * it the CPU time.
 */
final class IdleCatalogue implements Theme {
  private static final String RING = "ring";
  private static final String QUEUE = "chronicle";
  private static final String FUTEX = "futex";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = Integer.toString(128 * 1024);

  /** What Agrona has. */
  private static final List<String> STRATEGIES =
      List.of("spin", "yield", "backoff", "sleep", "sleep-1ms");

  /** What an agent of Agrona's gets that asks for nothing else. */
  private static final String USUAL = "backoff";

  private static final List<String> PAUSERS = List.of("busy", "balanced", "millis", "sleepy");

  /** How often messages come. */
  private enum Load {
    BUSY("busy", 0),
    SPARSE("sparse", TimeUnit.MILLISECONDS.toNanos(1));

    private final String title;
    private final String gapNanos;

    Load(String title, long gapNanos) {
      this.title = title;
      this.gapNanos = Long.toString(gapNanos);
    }
  }

  private final Cpus cpus;
  private final String backend;

  IdleCatalogue(Means means) {
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        Stream.concat(besideAgrona(), besideChronicle()),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU);
  }

  /** Agrona's ring buffer, with its own idle strategies. */
  private Stream<Benchmark> besideAgrona() {
    List<Benchmark> lines = new ArrayList<>();
    for (Load load : Load.values()) {
      for (String strategy : STRATEGIES) {
        lines.add(line("idle", RING, load, "read", strategy, strategy));
      }
      lines.add(line("idle", RING, load, FUTEX, USUAL, "strategy"));
    }
    return lines.stream();
  }

  /** Chronicle Queue, with its own pausers. */
  private Stream<Benchmark> besideChronicle() {
    return PAUSERS.stream().map(pauser -> line(QUEUE, QUEUE, Load.SPARSE, FUTEX, pauser, pauser));
  }

  private Benchmark line(
      String family, String link, Load load, String ours, String theirs, String suffix) {
    return new LongSlices(
        new Duel(
            family + "-" + load.title + "-" + suffix,
            backend + ", " + ours,
            file -> jvms(file, link, SUBJECT_PLACE, ours, load),
            theirs,
            file -> jvms(file, link, PEER_PLACE, theirs, load)));
  }

  private Contestant jvms(SharedFile file, String link, String place, String wait, Load load)
      throws IOException {
    String path = file.path().toString();
    ChildJvm jvm = new ChildJvm(backend).withSerialGc();
    if (QUEUE.equals(link)) {
      jvm.withChronicleFlags();
    }
    return cpus.onTwo(
        jvm.command(link + "-pong", path, place, wait),
        jvm.command(link + "-ping", path, place, wait, load.gapNanos));
  }
}
