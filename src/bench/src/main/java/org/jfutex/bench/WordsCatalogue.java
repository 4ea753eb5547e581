// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;

/** The benchmarks of barriers and events, beside what glibc has for that. */
final class WordsCatalogue {
  private static final String BARRIER = "barrier";
  private static final String EVENT = "event";
  private static final String BARRIER_PEER = "pthread_barrier_t";
  private static final String EVENT_PEER = "pthread_cond_t";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final String backend;

  /**
   * @param backend for what sleeps
   */
  WordsCatalogue(CPeers peers, String backend) {
    this.peers = peers;
    this.backend = backend;
  }

  /** Of one process. */
  List<Benchmark> uncontended() {
    return List.of(
        alone(BARRIER + "-uncontended", BARRIER, BARRIER_PEER),
        alone(EVENT + "-uncontended-set-reset", EVENT + "-set-reset", EVENT_PEER),
        alone(EVENT + "-uncontended-set-take", EVENT + "-set-take", EVENT_PEER));
  }

  private Benchmark alone(String name, String task, String peer) {
    return new Duel(
        name,
        "jfutex",
        file -> new Child(new ChildJvm(backend).command(task, file.path().toString())).ready(),
        peer,
        file -> new Child(peers.words(task, file.path().toString())).ready());
  }

  /** Of two, each on a CPU. */
  List<Benchmark> ofTwo(int pongCpu, int pingCpu) {
    return List.of(
        pair(BARRIER, BARRIER_PEER, pongCpu, pingCpu), pair(EVENT, EVENT_PEER, pongCpu, pingCpu));
  }

  private Benchmark pair(String task, String peer, int pongCpu, int pingCpu) {
    return new Duel(
        task + "-two-cpus",
        backend,
        file ->
            new PingPong(
                Machine.pinned(pongCpu, subject(task + "-pong", file)),
                Machine.pinned(pingCpu, subject(task + "-ping", file))),
        peer,
        file ->
            new PingPong(
                Machine.pinned(pongCpu, peer(task + "-pong", file)),
                Machine.pinned(pingCpu, peer(task + "-ping", file))));
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
