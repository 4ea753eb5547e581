// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of single calls to the kernel, and of two processes that wake each other by them; beside C. */
final class CallCatalogue implements Theme {
  private static final String C = "C";
  private static final List<String> OPERATIONS = List.of("empty-wake", "mismatching-wait");

  /** Words in the shared file, each pair on cache lines of its own. Both sides of a system call take the same word. */
  private static final int CALL_WORD = 0;

  private static final int SUBJECT_WORDS = 128;
  private static final int PEER_WORDS = 256;

  private final CPeers peers;
  private final Cpus cpus;

  CallCatalogue(Means means) {
    peers = means.peers();
    cpus = means.cpus();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    for (String operation : OPERATIONS) {
      catalogue.addOfEachBackend(backend -> Stream.of(call(operation, backend)), Need.COMPILER);
    }
    catalogue.addOfEachBackend(
        backend -> Stream.of(pingPong("ping-pong-two-cpus", backend, cpus::onTwo)),
        Need.COMPILER,
        Need.TASKSET,
        Need.SECOND_CPU);
    catalogue.addOfEachBackend(
        backend -> Stream.of(pingPong("ping-pong-one-cpu", backend, cpus::onOne)),
        Need.COMPILER,
        Need.TASKSET);
  }

  private Benchmark call(String operation, String backend) {
    return new Duel(
        operation,
        backend,
        file ->
            cpus.alone(
                new ChildJvm(backend),
                operation,
                file.path().toString(),
                Integer.toString(CALL_WORD)),
        C,
        file -> cpus.alone(peers.command(operation, file, CALL_WORD)));
  }

  private Benchmark pingPong(String name, String backend, Cpus.Pair cpus) {
    return new Duel(
        name,
        backend,
        file -> cpus.of(jvm(backend, "pong", file), jvm(backend, "ping", file)),
        C,
        file ->
            cpus.of(
                peers.command("pong", file, PEER_WORDS), peers.command("ping", file, PEER_WORDS)));
  }

  private static List<String> jvm(String backend, String side, SharedFile file) {
    return new ChildJvm(backend)
        .withSerialGc()
        .command(side, file.path().toString(), Integer.toString(SUBJECT_WORDS));
  }
}
