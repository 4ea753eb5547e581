// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of barriers, of events and of meetings by a condition, beside what glibc has for that. */
final class WordsCatalogue implements Theme {
  private static final String BARRIER = "barrier";
  private static final String EVENT = "event";
  private static final String BARRIER_PEER = "pthread_barrier_t";
  private static final String CONDITION = "condition";
  private static final String CONDITION_PEER = "pthread_cond_t";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  WordsCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        Stream.of(
            alone(BARRIER + "-uncontended", BARRIER, BARRIER_PEER),
            alone(EVENT + "-uncontended-set-reset", EVENT + "-set-reset", CONDITION_PEER),
            alone(EVENT + "-uncontended-set-take", EVENT + "-set-take", CONDITION_PEER)),
        Need.BACKEND,
        Need.COMPILER);
    catalogue.add(
        Stream.of(pair(BARRIER, BARRIER_PEER), pair(EVENT, CONDITION_PEER)),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(
        MutexCatalogue.TEAMS.stream()
            .filter(processes -> processes > 1)
            .flatMap(
                processes ->
                    Stream.of(
                        meeting(BARRIER, BARRIER_PEER, processes),
                        meeting(CONDITION, CONDITION_PEER, processes))),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET);
  }

  /** Of a condition: who comes last signals all. */
  private Benchmark meeting(String kind, String peer, int processes) {
    String curve = kind + "-meeting";
    String all = Integer.toString(processes);
    return new LongSlices(
        new Duel(
                curve + "-" + all,
                backend,
                file -> new Team(subject(curve, file, all), processes).inStep(),
                peer,
                file -> new Team(peer(curve, file, all), processes).inStep())
            .at(curve, "processes", processes));
  }

  private Benchmark alone(String name, String task, String peer) {
    return new Duel(
        name,
        "jfutex",
        file -> cpus.alone(new ChildJvm(backend), task, file.path().toString()),
        peer,
        file -> cpus.alone(peers.words(task, file.path().toString())));
  }

  private Benchmark pair(String task, String peer) {
    return new Duel(
        task + "-two-cpus",
        backend,
        file -> cpus.onTwo(subject(task + "-pong", file), subject(task + "-ping", file)),
        peer,
        file -> cpus.onTwo(peer(task + "-pong", file), peer(task + "-ping", file)));
  }

  private List<String> subject(String task, SharedFile file, String... more) {
    return new ChildJvm(backend).withSerialGc().command(at(task, file, SUBJECT_PLACE, more));
  }

  private List<String> peer(String task, SharedFile file, String... more) {
    return peers.words(at(task, file, PEER_PLACE, more));
  }

  private static String[] at(String task, SharedFile file, String place, String... more) {
    return Stream.concat(Stream.of(task, file.path().toString(), place), Stream.of(more))
        .toArray(String[]::new);
  }
}
