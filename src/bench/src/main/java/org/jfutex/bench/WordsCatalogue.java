// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of barriers and events, beside what glibc has for that. */
final class WordsCatalogue implements Theme {
  private static final String BARRIER = "barrier";
  private static final String EVENT = "event";
  private static final String BARRIER_PEER = "pthread_barrier_t";
  private static final String EVENT_PEER = "pthread_cond_t";

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
            alone(EVENT + "-uncontended-set-reset", EVENT + "-set-reset", EVENT_PEER),
            alone(EVENT + "-uncontended-set-take", EVENT + "-set-take", EVENT_PEER)),
        Need.BACKEND,
        Need.COMPILER);
    catalogue.add(
        Stream.of(pair(BARRIER, BARRIER_PEER), pair(EVENT, EVENT_PEER)),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
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

  private List<String> subject(String task, SharedFile file) {
    return new ChildJvm(backend)
        .withSerialGc()
        .command(task, file.path().toString(), SUBJECT_PLACE);
  }

  private List<String> peer(String task, SharedFile file) {
    return peers.words(task, file.path().toString(), PEER_PLACE);
  }
}
