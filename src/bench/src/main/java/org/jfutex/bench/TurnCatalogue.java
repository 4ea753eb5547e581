// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;

/** The benchmarks of two processes that take turns under one mutex, by it alone and by its conditions. */
final class TurnCatalogue implements Theme {
  private static final String CONDITION = "condition";
  private static final String OWNER_DIED = "owner-died";
  private static final int HEALING_MILLIS = 500;
  private static final int NO_HEALING = 0;

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = "1024";

  private final CPeers peers;
  private final Cpus cpus;
  private final String backend;

  TurnCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        MutexCatalogue.PROTOCOLS.stream().map(this::handOff),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(
        MutexCatalogue.PROTOCOLS.stream().filter(MutexKind::robust).map(this::ownerDied),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(
        Stream.of(healing("healing-two-cpus", cpus::onTwo)),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(Stream.of(healing("healing-one-cpu", cpus::onOne)), Need.BACKEND, Need.TASKSET);
    catalogue.add(
        Stream.of(condition("condition-two-cpus", cpus::onTwo)),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.add(
        Stream.of(condition("condition-one-cpu", cpus::onOne)),
        Need.BACKEND,
        Need.COMPILER,
        Need.TASKSET);
  }

  /** It takes long beside what is measured of it, and few of them would be no sample. */
  private Benchmark handOff(MutexKind kind) {
    String number = KindNumber.of(kind);
    return new LongSlices(
        new Duel(
            "mutex-hand-off-" + KindNumber.name(kind),
            backend,
            file -> jvms(cpus::onTwo, jvm(), "mutex-hand-off", path(file), SUBJECT_PLACE, number),
            "glibc",
            file -> c(cpus::onTwo, "hand-off", path(file), PEER_PLACE, number)));
  }

  /** The owner is a process in C on both sides: of those many can be killed. */
  private Benchmark ownerDied(MutexKind kind) {
    String number = KindNumber.of(kind);
    return new LongSlices(
        new Duel(
            "mutex-owner-died-" + KindNumber.name(kind),
            backend,
            file ->
                cpus.onTwo(
                    peers.turns(OWNER_DIED + "-pong", path(file), SUBJECT_PLACE, number),
                    jvm().command(OWNER_DIED + "-ping", path(file), SUBJECT_PLACE)),
            "glibc",
            file -> c(cpus::onTwo, OWNER_DIED, path(file), PEER_PLACE, number)));
  }

  /** What looking again now and then costs those who are woken anyway. */
  private Benchmark healing(String name, Cpus.Pair cpus) {
    ChildJvm healing = jvm().withHealing(HEALING_MILLIS);
    ChildJvm trusting = jvm().withHealing(NO_HEALING);
    return new Duel(
        name,
        HEALING_MILLIS + " ms",
        file -> jvms(cpus, healing, CONDITION, path(file), SUBJECT_PLACE),
        "never",
        file -> jvms(cpus, trusting, CONDITION, path(file), PEER_PLACE));
  }

  private Benchmark condition(String name, Cpus.Pair cpus) {
    String number = KindNumber.of(MutexKind.DEFAULT);
    return new Duel(
        name,
        backend,
        file -> jvms(cpus, jvm(), CONDITION, path(file), SUBJECT_PLACE),
        "pthread_cond_t",
        file -> c(cpus, CONDITION, path(file), PEER_PLACE, number));
  }

  private ChildJvm jvm() {
    return new ChildJvm(backend).withSerialGc();
  }

  private static String path(SharedFile file) {
    return file.path().toString();
  }

  private static Contestant jvms(Cpus.Pair cpus, ChildJvm jvm, String task, String... arguments)
      throws IOException {
    return cpus.of(
        jvm.command(words(task + "-pong", arguments)),
        jvm.command(words(task + "-ping", arguments)));
  }

  private Contestant c(Cpus.Pair cpus, String task, String... arguments) throws IOException {
    return cpus.of(
        peers.turns(words(task + "-pong", arguments)),
        peers.turns(words(task + "-ping", arguments)));
  }

  private static String[] words(String first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }
}
