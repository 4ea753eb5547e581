// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;

/** The benchmarks of mutexes and conditions: beside glibc's mutexes, and beside Java's file lock. */
final class MutexCatalogue {
  private static final String JFUTEX = "jfutex";
  private static final String GLIBC = "glibc";
  private static final String FILE_LOCK = "FileChannel.lock";

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private static final String PROCESSES = "processes";
  private static final List<Integer> TEAMS = List.of(1, 2, 4, 8, 16);

  /** A PI mutex is handed on each time: more of them say no more. */
  private static final List<Integer> PI_TEAMS = List.of(2, 4, 8);

  private static final List<Integer> FILE_LOCK_TEAMS = List.of(2, 4);
  private static final int HEALING_MILLIS = 500;
  private static final int NO_HEALING = 0;

  private static final List<MutexKind> PROTOCOLS = allOf(Again.NORMAL).toList();
  private static final List<MutexKind> KINDS =
      Stream.of(Again.values()).flatMap(MutexCatalogue::allOf).toList();

  private final String backend;

  /**
   * @param backend for what sleeps
   */
  MutexCatalogue(String backend) {
    this.backend = backend;
  }

  private static Stream<MutexKind> allOf(Again again) {
    MutexKind kind = new MutexKind(again, false, false);
    return Stream.of(
        kind,
        kind.robust(true),
        kind.priorityInheritance(true),
        kind.robust(true).priorityInheritance(true));
  }

  /** Of one process. */
  List<Benchmark> uncontended(CPeers peers) {
    return KINDS.stream().map(kind -> uncontended(peers, kind)).toList();
  }

  private Benchmark uncontended(CPeers peers, MutexKind kind) {
    return new Duel(
        "mutex-uncontended-" + KindNumber.name(kind),
        JFUTEX,
        file -> uncontended(file, kind),
        GLIBC,
        file ->
            new Child(peers.mutexes("uncontended", file.path().toString(), KindNumber.of(kind)))
                .ready());
  }

  private Child uncontended(SharedFile file, MutexKind kind) throws IOException {
    return child("mutex-uncontended", file.path().toString(), KindNumber.of(kind));
  }

  /** The lock that Java has; of one process. */
  List<Benchmark> fileLocks() {
    return Stream.of(MutexKind.NORMAL, MutexKind.DEFAULT).map(this::fileLock).toList();
  }

  private Benchmark fileLock(MutexKind kind) {
    return new Duel(
        "mutex-file-lock-" + KindNumber.name(kind),
        JFUTEX,
        file -> uncontended(file, kind),
        FILE_LOCK,
        file -> child("file-lock", file.path().toString()));
  }

  /** The same of several. */
  List<Benchmark> fileLocksContended() {
    return FILE_LOCK_TEAMS.stream().map(this::fileLockContended).toList();
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

  /** Of several processes. */
  List<Benchmark> contended(CPeers peers) {
    return PROTOCOLS.stream()
        .flatMap(kind -> teams(kind).stream().map(processes -> contended(peers, kind, processes)))
        .toList();
  }

  private static List<Integer> teams(MutexKind kind) {
    return kind.priorityInheritance() ? PI_TEAMS : TEAMS;
  }

  private Benchmark contended(CPeers peers, MutexKind kind, int processes) {
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

  /** What looking again now and then costs those who are woken anyway. */
  Benchmark healing(String name, int pongCpu, int pingCpu) {
    return new Duel(
        name,
        HEALING_MILLIS + " ms",
        file -> turns(file, SUBJECT_PLACE, HEALING_MILLIS, pongCpu, pingCpu),
        "never",
        file -> turns(file, PEER_PLACE, NO_HEALING, pongCpu, pingCpu));
  }

  private PingPong turns(SharedFile file, String place, int healing, int pongCpu, int pingCpu)
      throws IOException {
    String path = file.path().toString();
    ChildJvm jvm = new ChildJvm(backend).withSerialGc().withHealing(healing);
    return new PingPong(
        Machine.pinned(pongCpu, jvm.command("condition-pong", path, place)),
        Machine.pinned(pingCpu, jvm.command("condition-ping", path, place)));
  }

  /** Bytes of what makes no system call. */
  List<Benchmark> allocationsAwake() {
    return PROTOCOLS.stream().map(kind -> allocation(KindNumber.name(kind), kind, "lock")).toList();
  }

  /** Bytes of what sleeps and wakes. */
  List<Benchmark> allocationsAsleep() {
    return Stream.concat(
            PROTOCOLS.stream()
                .map(kind -> allocation(KindNumber.name(kind) + "-hand-off", kind, "hand-off")),
            Stream.of("condition", "condition-interruptible")
                .map(operation -> allocation(operation, MutexKind.DEFAULT, operation)))
        .toList();
  }

  private Benchmark allocation(String name, MutexKind kind, String operation) {
    return new Allocation(
        "allocation-mutex-" + name,
        backend,
        file -> child("mutex-allocation", KindNumber.of(kind), operation));
  }

  private Child child(String... task) throws IOException {
    return new Child(new ChildJvm(backend).command(task)).ready();
  }
}
