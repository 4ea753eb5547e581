// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;

/** The benchmarks of what grows with something else than processes: sleepers, words, work under a mutex. */
final class GrowthCatalogue implements Theme {
  private static final String C = "C";
  private static final List<Integer> SLEEPERS = List.of(1, 10, 100, 1_000, 4_000);
  private static final List<Integer> WORDS = List.of(1, 2, 8, 32, 127);
  private static final List<Integer> WORK_NANOS = List.of(0, 100, 1_000, 10_000, 100_000);
  private static final String TWO = "2";
  private static final String EVENT = "event";

  /** In the shared file, apart: so many words are between. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "32768";

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  GrowthCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    for (String operation : List.of("wake", "trip")) {
      catalogue.add(
          SLEEPERS.stream().map(threads -> blocked(operation, threads)),
          Need.BACKEND,
          Need.COMPILER,
          Need.TASKSET);
    }
    for (MutexKind kind : List.of(MutexKind.NORMAL, MutexKind.NORMAL.robust(true))) {
      catalogue.add(
          WORK_NANOS.stream().map(nanos -> held(kind, nanos)),
          Need.BACKEND,
          Need.COMPILER,
          Need.TASKSET,
          Need.SECOND_CPU);
    }
    catalogue.add(
        Stream.concat(WORDS.stream().map(this::any), WORDS.stream().map(this::anyEvent)),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU,
        Need.FUTEX_WAITV);
  }

  /** On one CPU, or where the scheduler puts which of the threads would be what is measured. */
  private Benchmark blocked(String operation, int threads) {
    String task = "blocked-" + operation;
    String curve = "kernel-" + task;
    String all = Integer.toString(threads);
    return new Duel(
            curve + "-" + all,
            backend,
            file -> cpus.allOnOne(subject(task, file, all)),
            C,
            file -> cpus.allOnOne(peer(task, file, all)))
        .at(curve, "waiters", threads);
  }

  private Benchmark any(int words) {
    String curve = "wait-any-two-cpus";
    String all = Integer.toString(words);
    return new Duel(
            curve + "-" + all,
            backend,
            file -> cpus.onTwo(subject("any-pong", file, all), subject("any-ping", file, all)),
            C,
            file -> cpus.onTwo(peer("any-pong", file, all), peer("any-ping", file, all)))
        .at(curve, "words", words);
  }

  /** A thread that blocks for any of so many events, as users would have it; C has words. */
  private Duel anyEvent(int events) {
    String curve = "event-any-two-cpus";
    String all = Integer.toString(events);
    return new Duel(
            curve + "-" + all,
            backend,
            file ->
                cpus.onTwo(
                    subject("served-block-pong", file, EVENT, all),
                    subject("served-ping", file, EVENT, all)),
            C,
            file -> cpus.onTwo(peer("any-pong", file, all), peer("any-ping", file, all)))
        .at(curve, "events", events);
  }

  private List<String> subject(String task, SharedFile file, String... more) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString(), SUBJECT_PLACE));
    all.addAll(List.of(more));
    return new ChildJvm(backend).withSerialGc().command(all.toArray(String[]::new));
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
