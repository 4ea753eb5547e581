// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The benchmarks of waits that block nobody: a server that is asked that way, beside one that blocks. */
final class AsyncCatalogue {
  private static final String BLOCK = "block";
  private static final String FUTURE = "future";

  /** As many as one call to the kernel waits for. */
  private static final List<Integer> PLACES = List.of(1, 16, 127);

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = Integer.toString(128 * 1024);

  private final String backend;
  private final int pongCpu;
  private final int pingCpu;

  /**
   * @param backend for what sleeps
   */
  AsyncCatalogue(String backend, int pongCpu, int pingCpu) {
    this.backend = backend;
    this.pongCpu = pongCpu;
    this.pingCpu = pingCpu;
  }

  /** All of them. */
  List<Benchmark> benchmarks() {
    List<Benchmark> lines = new ArrayList<>();
    lines.add(besideBlocking("async-word", "word", 1));
    lines.add(besideBlocking("async-semaphore", "semaphore", 1));
    for (int places : PLACES) {
      lines.add(
          besideBlocking("async-events-" + places, "event", places)
              .at("async-events", "events", places));
    }
    lines.add(
        new Duel(
            "async-selector",
            backend + ", WaitChannel",
            file -> served(file, "channel", SUBJECT_PLACE, "event", 1),
            "socket",
            file -> jvms(jvm(file, "socket-select-pong"), jvm(file, "socket-ping"))));
    return lines;
  }

  private Duel besideBlocking(String name, String kind, int places) {
    return new Duel(
        name,
        backend + ", futures",
        file -> served(file, FUTURE, SUBJECT_PLACE, kind, places),
        "blocking",
        file -> served(file, BLOCK, PEER_PLACE, kind, places));
  }

  private Contestant served(SharedFile file, String way, String place, String kind, int places)
      throws IOException {
    String all = Integer.toString(places);
    return jvms(
        jvm(file, "served-" + way + "-pong", place, kind, all),
        jvm(file, "served-ping", place, kind, all));
  }

  private Contestant jvms(List<String> pong, List<String> ping) throws IOException {
    return new PingPong(Machine.pinned(pongCpu, pong), Machine.pinned(pingCpu, ping));
  }

  private List<String> jvm(SharedFile file, String task, String... arguments) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString()));
    all.addAll(List.of(arguments));
    return new ChildJvm(backend).withSerialGc().command(all.toArray(String[]::new));
  }
}
