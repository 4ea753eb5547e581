// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of semaphores, of both kinds, beside glibc's: from C, and as Java reaches them through JNA. */
final class SemaphoreCatalogue implements Theme {
  private static final String GLIBC = "glibc";
  private static final String THROUGH_JNA = "glibc, JNA";
  private static final String SHARED = "semaphore";
  private static final String JNA = SHARED + "-jna";
  private static final List<String> KINDS = List.of(SHARED, SHARED + "-robust");

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  SemaphoreCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(KINDS.stream().map(this::uncontended), Need.BACKEND, Need.COMPILER);
    catalogue.add(
        KINDS.stream()
            .flatMap(
                kind -> MutexCatalogue.TEAMS.stream().map(processes -> contended(kind, processes))),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET);
    catalogue.add(Stream.of(besideJna()), Need.JNA);
    catalogue.add(Stream.of(besideJnaContended()), Need.JNA, Need.TASKSET);
  }

  private Benchmark uncontended(String kind) {
    return new Duel(
        kind + "-uncontended",
        "jfutex",
        file -> alone(file, kind),
        GLIBC,
        file -> cpus.alone(peers.semaphores("uncontended", file.path().toString())));
  }

  private Child alone(SharedFile file, String kind) throws IOException {
    return cpus.alone(new ChildJvm(backend), kind + "-uncontended", file.path().toString());
  }

  /** Of one process, beside one that calls libc. */
  private Benchmark besideJna() {
    return new Duel(
        JNA + "-uncontended",
        "jfutex",
        file -> alone(file, SHARED),
        THROUGH_JNA,
        file -> alone(file, JNA));
  }

  /** Of two. */
  private Benchmark besideJnaContended() {
    return new LongSlices(
        new Duel(
            JNA + "-contended-2",
            backend,
            file -> team(file, SHARED, SUBJECT_PLACE, 2),
            THROUGH_JNA,
            file -> team(file, JNA, PEER_PLACE, 2)));
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
