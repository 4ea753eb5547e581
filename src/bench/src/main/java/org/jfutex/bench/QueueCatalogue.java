// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of what a queue between processes is made of: the doorbell, beside what else can wake a consumer. */
final class QueueCatalogue implements Theme {
  private static final String ASLEEP = "doorbell";
  private static final String SPINNING = "doorbell-spin";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final int PEER_PLACE = 1024;
  private static final String PEER_TURN = "256";

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  QueueCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        Stream.of(
            roundTrip("queue-asleep", ASLEEP, "C, futex", file -> cPeers("", file)),
            roundTrip("queue-spinning", SPINNING, "C, spinning", file -> cPeers("spin-", file))),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU,
        Need.COMPILER);
    catalogue.add(
        Stream.of(besideChannels("pipe")),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU,
        Need.MKFIFO);
    catalogue.add(
        Stream.of(
            besideChannels("socket"), besidePark(), offer("one-to-one"), offer("many-to-one")),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(Stream.of(idleness()), Need.BACKEND);
  }

  /** What nothing to do costs. */
  private Benchmark idleness() {
    return new Idleness(
        "queue-idle",
        backend,
        file -> cpus.alone(jvm(), "idle-read", file.path().toString(), SUBJECT_PLACE),
        "polling",
        file -> cpus.alone(jvm(), "idle-spin", file.path().toString(), SUBJECT_PLACE));
  }

  /** What a producer pays, beside one who writes to the same ring buffer past the doorbell. */
  private Benchmark offer(String kind) {
    return new Duel(
            "queue-offer-" + kind,
            backend,
            file -> jvms("offer", file, SUBJECT_PLACE, kind),
            "Agrona alone",
            file -> jvms("write", file, PEER_TURN, kind))
        .withDifference()
        .startedOften();
  }

  /** Two threads, by what the JDK has for that. */
  private Benchmark besidePark() {
    return roundTrip(
        "queue-asleep-park",
        ASLEEP,
        "LockSupport, 1 JVM",
        file ->
            new Child(
                    command(
                        "hand-off",
                        file,
                        "LockSupport",
                        Integer.toString(cpus.second()),
                        Integer.toString(cpus.first())))
                .ready());
  }

  /** Two processes, by the JDK's channels. */
  private Benchmark besideChannels(String kind) {
    return roundTrip("queue-asleep-" + kind, ASLEEP, "Java, " + kind, file -> jvms(kind, file));
  }

  private Benchmark roundTrip(String name, String task, String peer, Contestant.Factory peers) {
    return new Duel(name, backend, file -> jvms(task, file, SUBJECT_PLACE), peer, peers);
  }

  private Contestant jvms(String task, SharedFile file, String... arguments) throws IOException {
    return cpus.onTwo(
        command(task + "-pong", file, arguments), command(task + "-ping", file, arguments));
  }

  private List<String> command(String task, SharedFile file, String... arguments) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString()));
    all.addAll(List.of(arguments));
    return jvm().command(all.toArray(String[]::new));
  }

  private ChildJvm jvm() {
    return new ChildJvm(backend).withSerialGc();
  }

  private Contestant cPeers(String kind, SharedFile file) throws IOException {
    return cpus.onTwo(
        peers.command(kind + "pong", file, PEER_PLACE),
        peers.command(kind + "ping", file, PEER_PLACE));
  }
}
