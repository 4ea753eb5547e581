// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;

/** The benchmarks of semaphores, of both kinds, beside glibc's: from C, and as Java reaches them through JNA. */
final class SemaphoreCatalogue {
  private static final String GLIBC = "glibc";
  private static final String THROUGH_JNA = "glibc, JNA";
  private static final String SHARED = "semaphore";
  private static final String JNA = SHARED + "-jna";
  private static final List<String> KINDS = List.of(SHARED, SHARED + "-robust");
  private static final List<Integer> PROCESSES = List.of(2, 4);

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final String backend;

  /**
   * @param peers null where no C compiler is
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
        file -> alone(file, kind),
        GLIBC,
        file -> new Child(peers.semaphores("uncontended", file.path().toString())).ready());
  }

  private Child alone(SharedFile file, String kind) throws IOException {
    return new Child(new ChildJvm(backend).command(kind + "-uncontended", file.path().toString()))
        .ready();
  }

  /** Of one process, beside one that calls libc. */
  Benchmark besideJna() {
    return new Duel(
        JNA + "-uncontended",
        "jfutex",
        file -> alone(file, SHARED),
        THROUGH_JNA,
        file -> alone(file, JNA));
  }

  /** Of two. */
  Benchmark besideJnaContended() {
    return new LongSlices(
        new Duel(
            JNA + "-contended-2",
            backend,
            file -> team(file, SHARED, SUBJECT_PLACE, 2),
            THROUGH_JNA,
            file -> team(file, JNA, PEER_PLACE, 2)));
  }

  /** Of several processes. */
  List<Benchmark> contended() {
    return KINDS.stream()
        .flatMap(kind -> PROCESSES.stream().map(processes -> contended(kind, processes)))
        .toList();
  }

  private Benchmark contended(String kind, int processes) {
    String curve = kind + "-contended";
    return new LongSlices(
        new Duel(
                curve + "-" + processes,
                backend,
                file -> team(file, kind, SUBJECT_PLACE, processes),
                GLIBC,
                file ->
                    new Team(
                        peers.semaphores(
                            "contended",
                            file.path().toString(),
                            PEER_PLACE,
                            Integer.toString(processes)),
                        processes))
            .at(curve, "processes", processes));
  }

  private Team team(SharedFile file, String kind, String place, int processes) throws IOException {
    return new Team(
        new ChildJvm(backend)
            .withSerialGc()
            .command(
                kind + "-contended", file.path().toString(), place, Integer.toString(processes)),
        processes);
  }
}
