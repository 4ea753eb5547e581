// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;

/** The benchmarks of mutexes: beside glibc's mutexes, and beside Java's file lock. */
final class MutexCatalogue implements Theme {
  private static final String JFUTEX = "jfutex";
  private static final String GLIBC = "glibc";
  private static final String FILE_LOCK = "FileChannel.lock";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private static final String PROCESSES = "processes";

  /** Numbers of processes that contend; also for the lines of others. */
  static final List<Integer> TEAMS = List.of(1, 2, 4, 8, 16);

  private static final List<Integer> FILE_LOCK_TEAMS = List.of(2, 4);

  /** Of one way to lock again; also for the lines of others. */
  static final List<MutexKind> PROTOCOLS = allOf(Again.NORMAL).toList();

  private static final List<MutexKind> KINDS =
      Stream.of(Again.values()).flatMap(MutexCatalogue::allOf).toList();

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  MutexCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(KINDS.stream().map(this::uncontended), Need.BACKEND, Need.COMPILER);
    catalogue.add(
        PROTOCOLS.stream()
            .flatMap(kind -> TEAMS.stream().map(processes -> contended(kind, processes))),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET);
    catalogue.add(
        FILE_LOCK_TEAMS.stream().map(this::fileLockContended), Need.BACKEND, Need.TASKSET);
    catalogue.add(Stream.of(MutexKind.NORMAL, MutexKind.DEFAULT).map(this::fileLock), Need.BACKEND);
  }

  private static Stream<MutexKind> allOf(Again again) {
    MutexKind kind = new MutexKind(again, false, false);
    return Stream.of(
        kind,
        kind.robust(true),
        kind.priorityInheritance(true),
        kind.robust(true).priorityInheritance(true));
  }

  private Benchmark uncontended(MutexKind kind) {
    return new Duel(
        "mutex-uncontended-" + KindNumber.name(kind),
        JFUTEX,
        file -> uncontended(file, kind),
        GLIBC,
        file ->
            cpus.alone(peers.mutexes("uncontended", file.path().toString(), KindNumber.of(kind))));
  }

  private Child uncontended(SharedFile file, MutexKind kind) throws IOException {
    return alone("mutex-uncontended", file.path().toString(), KindNumber.of(kind));
  }

  /** The lock that Java has. */
  private Benchmark fileLock(MutexKind kind) {
    return new Duel(
        "mutex-file-lock-" + KindNumber.name(kind),
        JFUTEX,
        file -> uncontended(file, kind),
        FILE_LOCK,
        file -> alone("file-lock", file.path().toString()));
  }

  private Benchmark fileLockContended(int processes) {
    String curve = "mutex-file-lock-contended";
    String all = Integer.toString(processes);
    return new LongSlices(
        new Duel(
                curve + "-" + all,
                JFUTEX,
                file -> team(file, MutexKind.DEFAULT, all),
                FILE_LOCK,
                file -> team(all, "file-lock-contended", file.path().toString(), PEER_PLACE, all))
            .at(curve, PROCESSES, processes));
  }

  private Team team(SharedFile file, MutexKind kind, String processes) throws IOException {
    String number = KindNumber.of(kind);
    return team(
        processes, "mutex-contended", file.path().toString(), SUBJECT_PLACE, number, processes);
  }

  private Team team(String processes, String... task) throws IOException {
    return new Team(
        new ChildJvm(backend).withSerialGc().command(task), Integer.parseInt(processes));
  }

  private Benchmark contended(MutexKind kind, int processes) {
    String curve = "mutex-contended-" + KindNumber.name(kind);
    String all = Integer.toString(processes);
    return new LongSlices(
        new Duel(
                curve + "-" + all,
                backend,
                file -> team(file, kind, all),
                GLIBC,
                file ->
                    new Team(
                        peers.mutexes(
                            "contended",
                            file.path().toString(),
                            PEER_PLACE,
                            KindNumber.of(kind),
                            all),
                        processes))
            .at(curve, PROCESSES, processes));
  }

  private Child alone(String... task) throws IOException {
    return cpus.alone(new ChildJvm(backend), task);
  }
}
