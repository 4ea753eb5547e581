// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The benchmarks of how a consumer in another process waits for a message, and what that costs: the latency, and beside
 * it the CPU time.
 */
final class IdleCatalogue {
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

  private final String backend;
  private final int consumersCpu;
  private final int producersCpu;

  /**
   * @param backend for what sleeps
   */
  IdleCatalogue(String backend, int consumersCpu, int producersCpu) {
    this.backend = backend;
    this.consumersCpu = consumersCpu;
    this.producersCpu = producersCpu;
  }

  /** Agrona's ring buffer, with its own idle strategies. */
  List<Benchmark> besideAgrona() {
    List<Benchmark> lines = new ArrayList<>();
    for (Load load : Load.values()) {
      for (String strategy : STRATEGIES) {
        lines.add(line("idle", RING, load, "read", strategy, strategy));
      }
      lines.add(line("idle", RING, load, FUTEX, USUAL, "strategy"));
    }
    return lines;
  }

  /** Chronicle Queue, with its own pausers. */
  List<Benchmark> besideChronicle() {
    return PAUSERS.stream()
        .map(pauser -> line(QUEUE, QUEUE, Load.SPARSE, FUTEX, pauser, pauser))
        .toList();
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
    return new PingPong(
        Machine.pinned(consumersCpu, jvm.command(link + "-pong", path, place, wait)),
        Machine.pinned(
            producersCpu, jvm.command(link + "-ping", path, place, wait, load.gapNanos)));
  }
}
