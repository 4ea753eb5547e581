// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;

/** The benchmarks of semaphores, of both kinds, beside glibc's. */
final class SemaphoreCatalogue {
  private static final String GLIBC = "glibc";
  private static final List<String> KINDS = List.of("semaphore", "semaphore-robust");
  private static final List<Integer> PROCESSES = List.of(2, 4);

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final String backend;

  /**
   * @param backend for what sleeps
   */
  SemaphoreCatalogue(CPeers peers, String backend) {
    this.peers = peers;
    this.backend = backend;
  }

  /** Of one process. */
  List<Benchmark> uncontended() {
    return KINDS.stream().map(this::uncontended).toList();
  }

  private Benchmark uncontended(String kind) {
    return new Duel(
        kind + "-uncontended",
        "jfutex",
        file ->
            new Child(new ChildJvm(backend).command(kind + "-uncontended", file.path().toString()))
                .ready(),
        GLIBC,
        file -> new Child(peers.semaphores("uncontended", file.path().toString())).ready());
  }

  /** Of several processes. */
  List<Benchmark> contended() {
    return KINDS.stream()
        .flatMap(kind -> PROCESSES.stream().map(processes -> contended(kind, processes)))
        .toList();
  }

  private Benchmark contended(String kind, int processes) {
    return new LongSlices(
        new Duel(
            kind + "-contended-" + processes,
            backend,
            file -> subjects(file, kind, processes),
            GLIBC,
            file ->
                new Team(
                    peers.semaphores(
                        "contended",
                        file.path().toString(),
                        PEER_PLACE,
                        Integer.toString(processes)),
                    processes)));
  }

  private Team subjects(SharedFile file, String kind, int processes) throws IOException {
    return new Team(
        new ChildJvm(backend)
            .withSerialGc()
            .command(
                kind + "-contended",
                file.path().toString(),
                SUBJECT_PLACE,
                Integer.toString(processes)),
        processes);
  }
}
