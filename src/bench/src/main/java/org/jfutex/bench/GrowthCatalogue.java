// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;

/** The benchmarks of what grows with something else than processes: sleepers, words, work under a mutex. */
final class GrowthCatalogue {
  private static final String C = "C";
  private static final List<Integer> SLEEPERS = List.of(1, 10, 100, 1_000, 4_000);
  private static final List<Integer> WORDS = List.of(1, 2, 8, 32, 127);
  private static final List<Integer> WORK_NANOS = List.of(100, 1_000, 10_000, 100_000);
  private static final String TWO = "2";

  /** In the shared file, apart: so many words are between. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "32768";

  private final CPeers peers;
  private final String backend;
  private final int cpu;
  private final int otherCpu;

  /**
   * @param backend for what sleeps
   */
  GrowthCatalogue(CPeers peers, String backend, int cpu, int otherCpu) {
    this.peers = peers;
    this.backend = backend;
    this.cpu = cpu;
    this.otherCpu = otherCpu;
  }

  /** What every kernel can. */
  List<Benchmark> benchmarks() {
    return Stream.of(
            SLEEPERS.stream().map(threads -> blocked("wake", threads)),
            SLEEPERS.stream().map(threads -> blocked("trip", threads)),
            WORK_NANOS.stream().map(nanos -> held(MutexKind.NORMAL, nanos)),
            WORK_NANOS.stream().map(nanos -> held(MutexKind.NORMAL.robust(true), nanos)))
        .<Benchmark>flatMap(lines -> lines)
        .toList();
  }

  /** Where there is futex_waitv(2), without which the peer has nothing to wait with. */
  List<Benchmark> waitsForSeveral() {
    return WORDS.stream().map(this::any).toList();
  }

  /** On one CPU, or where the scheduler puts which of the threads would be what is measured. */
  private Benchmark blocked(String operation, int threads) {
    String task = "blocked-" + operation;
    String curve = "kernel-" + task;
    String all = Integer.toString(threads);
    return new Duel(
            curve + "-" + all,
            backend,
            file -> new Child(Machine.pinned(cpu, subject(task, file, all))).ready(),
            C,
            file -> new Child(Machine.pinned(cpu, peer(task, file, all))).ready())
        .at(curve, "waiters", threads);
  }

  private Benchmark any(int words) {
    String curve = "wait-any-two-cpus";
    String all = Integer.toString(words);
    return new Duel(
            curve + "-" + all,
            backend,
            file ->
                new PingPong(
                    Machine.pinned(cpu, subject("any-pong", file, all)),
                    Machine.pinned(otherCpu, subject("any-ping", file, all))),
            C,
            file ->
                new PingPong(
                    Machine.pinned(cpu, peer("any-pong", file, all)),
                    Machine.pinned(otherCpu, peer("any-ping", file, all))))
        .at(curve, "words", words);
  }

  private List<String> subject(String task, SharedFile file, String count) {
    return new ChildJvm(backend)
        .withSerialGc()
        .command(task, file.path().toString(), SUBJECT_PLACE, count);
  }

  private List<String> peer(String task, SharedFile file, String count) {
    return peers.crowds(task, file.path().toString(), PEER_PLACE, count);
  }

  private Benchmark held(MutexKind kind, int nanos) {
    String curve = "mutex-held-" + KindNumber.name(kind);
    String number = KindNumber.of(kind);
    String work = Integer.toString(nanos);
    ChildJvm jvm = new ChildJvm(backend).withSerialGc();
    return new LongSlices(
        new Duel(
                curve + "-" + work + "-ns",
                backend,
                file ->
                    new Team(
                        jvm.command(
                            "mutex-held", file.path().toString(), SUBJECT_PLACE, number, TWO, work),
                        Integer.parseInt(TWO)),
                "glibc",
                file ->
                    new Team(
                        peers.mutexes(
                            "held", file.path().toString(), PEER_PLACE, number, TWO, work),
                        Integer.parseInt(TWO)))
            .at(curve, "ns inside", nanos));
  }
}
