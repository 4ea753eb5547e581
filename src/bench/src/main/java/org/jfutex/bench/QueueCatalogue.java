// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The benchmarks of what a queue between processes is made of: the doorbell, beside what else can wake a consumer. */
final class QueueCatalogue {
  private static final String ASLEEP = "doorbell";
  private static final String SPINNING = "doorbell-spin";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final int PEER_PLACE = 1024;
  private static final String PEER_QUEUE = Integer.toString(128 * 1024);

  private final String backend;
  private final int pongCpu;
  private final int pingCpu;

  /**
   * @param backend for what sleeps
   */
  QueueCatalogue(String backend, int pongCpu, int pingCpu) {
    this.backend = backend;
    this.pongCpu = pongCpu;
    this.pingCpu = pingCpu;
  }

  /** Round trips of two processes, beside two in C that do the same by hand. */
  List<Benchmark> besideC(CPeers peers) {
    return List.of(
        roundTrip("queue-asleep", ASLEEP, "C, futex", file -> cPeers(peers, "", file)),
        roundTrip("queue-spinning", SPINNING, "C, spinning", file -> cPeers(peers, "spin-", file)));
  }

  /** What producers and consumers pay, beside those of the same ring buffer without a doorbell. */
  List<Benchmark> besideAgrona() {
    return List.of(
        offer("one-to-one"),
        offer("many-to-one"),
        new Idleness(
            "queue-idle",
            backend,
            file -> new Child(jvm("idle-read", file, SUBJECT_PLACE)).ready(),
            "polling",
            file -> new Child(jvm("idle-spin", file, SUBJECT_PLACE)).ready()));
  }

  private Benchmark offer(String kind) {
    return new Duel(
            "queue-offer-" + kind,
            backend,
            file -> jvms("offer", file, SUBJECT_PLACE, kind),
            "Agrona alone",
            file -> jvms("offer", file, PEER_QUEUE, "bare-" + kind))
        .withDifference();
  }

  /** Round trips beside the JDK's own ways: two processes with channels, and two threads. */
  List<Benchmark> besideJava() {
    List<Benchmark> benchmarks = new ArrayList<>();
    if (CPeers.onPath("mkfifo").isPresent()) {
      benchmarks.add(besideChannels("pipe"));
    }
    benchmarks.add(besideChannels("socket"));
    benchmarks.add(
        roundTrip(
            "queue-asleep-park",
            ASLEEP,
            "LockSupport, 1 JVM",
            file ->
                new Child(
                        jvm(
                            "hand-off",
                            file,
                            "LockSupport",
                            Integer.toString(pingCpu),
                            Integer.toString(pongCpu)))
                    .ready()));
    return benchmarks;
  }

  private Benchmark besideChannels(String kind) {
    return roundTrip(
        "queue-asleep-" + kind, ASLEEP, "Java, " + kind, file -> jvms(kind, file, SUBJECT_PLACE));
  }

  private Benchmark roundTrip(String name, String task, String peer, Contestant.Factory peers) {
    return new Duel(name, backend, file -> jvms(task, file, SUBJECT_PLACE), peer, peers);
  }

  private Contestant jvms(String task, SharedFile file, String... arguments) throws IOException {
    return new PingPong(
        Machine.pinned(pongCpu, jvm(task + "-pong", file, arguments)),
        Machine.pinned(pingCpu, jvm(task + "-ping", file, arguments)));
  }

  private List<String> jvm(String task, SharedFile file, String... arguments) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString()));
    all.addAll(List.of(arguments));
    return jvm(all.toArray(String[]::new));
  }

  private List<String> jvm(String... task) {
    return new ChildJvm(backend).withSerialGc().command(task);
  }

  private Contestant cPeers(CPeers peers, String kind, SharedFile file) throws IOException {
    return new PingPong(
        Machine.pinned(pongCpu, peers.command(kind + "pong", file, PEER_PLACE)),
        Machine.pinned(pingCpu, peers.command(kind + "ping", file, PEER_PLACE)));
  }
}
