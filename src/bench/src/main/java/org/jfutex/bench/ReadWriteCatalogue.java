// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of read-write locks, of both kinds, beside glibc's. */
final class ReadWriteCatalogue implements Theme {
  private static final String CRASH_SAFE = "rwlock";
  private static final String COMPACT = "rwlock-compact";
  private static final String READ = "read";
  private static final String WRITE = "write";
  private static final List<String> HALVES = List.of(READ, WRITE);

  private static final List<Integer> WRITERS_FIRST_TEAMS = List.of(2, 4);

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "8192";

  /** What glibc does with those who come while others wait. */
  private enum Peer {
    READERS_FIRST("glibc", "", "0"),
    WRITERS_FIRST("glibc, writers first", "-writers-first", "2");

    private final String title;
    private final String suffix; // of the line's name
    private final String number;

    Peer(String title, String suffix, String number) {
      this.title = title;
      this.suffix = suffix;
      this.number = number;
    }
  }

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  ReadWriteCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(uncontended(), Need.BACKEND, Need.COMPILER);
    catalogue.add(Stream.of(scaling()), Need.BACKEND, Need.TASKSET);
    catalogue.add(contended(), Need.BACKEND, Need.COMPILER, Need.TASKSET);
  }

  private Stream<Benchmark> uncontended() {
    List<Benchmark> lines = new ArrayList<>();
    for (String half : HALVES) {
      lines.add(uncontended(CRASH_SAFE, half, Peer.READERS_FIRST));
      for (Peer peer : Peer.values()) {
        lines.add(uncontended(COMPACT, half, peer));
      }
    }
    return lines.stream();
  }

  private Benchmark uncontended(String kind, String half, Peer peer) {
    return new Duel(
        kind + "-uncontended-" + half + peer.suffix,
        "jfutex",
        file ->
            cpus.alone(new ChildJvm(backend), kind + "-uncontended", file.path().toString(), half),
        peer.title,
        file ->
            cpus.alone(
                peers.readWriteLocks("uncontended", file.path().toString(), half, peer.number)));
  }

  private Stream<Benchmark> contended() {
    List<Benchmark> lines = new ArrayList<>();
    for (int processes : MutexCatalogue.TEAMS) {
      for (String half : HALVES) {
        lines.add(contended(CRASH_SAFE, half, processes, Peer.READERS_FIRST));
        lines.add(contended(COMPACT, half, processes, Peer.READERS_FIRST));
        if (WRITERS_FIRST_TEAMS.contains(processes)) {
          lines.add(contended(COMPACT, half, processes, Peer.WRITERS_FIRST));
        }
      }
    }
    return lines.stream();
  }

  /** Whether readers get more done together than one alone. */
  private Benchmark scaling() {
    return new LongSlices(
        new Duel(
            "rwlock-scaling-read",
            "2 readers",
            file -> subjects(file, CRASH_SAFE, READ, 2, SUBJECT_PLACE),
            "1 reader",
            file -> subjects(file, CRASH_SAFE, READ, 1, PEER_PLACE)));
  }

  private Benchmark contended(String kind, String half, int processes, Peer peer) {
    String curve = kind + "-contended-" + half;
    return new LongSlices(
        new Duel(
                curve + "-" + processes + peer.suffix,
                backend,
                file -> subjects(file, kind, half, processes, SUBJECT_PLACE),
                peer.title,
                file ->
                    new Team(
                        peers.readWriteLocks(
                            "contended",
                            file.path().toString(),
                            PEER_PLACE,
                            half,
                            peer.number,
                            Integer.toString(processes)),
                        processes))
            .at(curve, "processes", processes));
  }

  private Team subjects(SharedFile file, String kind, String half, int processes, String place)
      throws IOException {
    return new Team(
        new ChildJvm(backend)
            .withSerialGc()
            .command(
                kind + "-contended",
                file.path().toString(),
                place,
                half,
                Integer.toString(processes)),
        processes);
  }
}
