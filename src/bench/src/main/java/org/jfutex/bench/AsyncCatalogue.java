// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The benchmarks of waits that block nobody: a server that is asked that way, beside one that blocks. */
final class AsyncCatalogue implements Theme {
  private static final String BLOCK = "block";
  private static final String FUTURE = "future";

  /** As many as one call to the kernel waits for. */
  private static final List<Integer> PLACES = List.of(1, 16, 127);

  /** In the shared file, apart. */
  private static final String SUBJECT_PLACE = "0";

  private static final String PEER_PLACE = Integer.toString(128 * 1024);

  private final Cpus cpus;
  private final String backend;

  AsyncCatalogue(Means means) {
    cpus = means.cpus();
    backend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    catalogue.add(
        Stream.of(
                Stream.of(
                    besideBlocking("async-word", "word", 1),
                    besideBlocking("async-semaphore", "semaphore", 1)),
                PLACES.stream().map(this::events),
                Stream.of(selector()))
            .flatMap(lines -> lines),
        Need.BACKEND,
        Need.TASKSET,
        Need.SECOND_CPU);
  }

  private Duel events(int places) {
    String curve = "async-events";
    return besideBlocking(curve + "-" + places, "event", places).at(curve, "events", places);
  }

  private Duel selector() {
    return new Duel(
        "async-selector",
        backend + ", WaitChannel",
        file -> served(file, "channel", SUBJECT_PLACE, "event", 1),
        "socket",
        file -> cpus.onTwo(jvm(file, "socket-select-pong"), jvm(file, "socket-ping")));
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
    return cpus.onTwo(
        jvm(file, "served-" + way + "-pong", place, kind, all),
        jvm(file, "served-ping", place, kind, all));
  }

  private List<String> jvm(SharedFile file, String task, String... arguments) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString()));
    all.addAll(List.of(arguments));
    return new ChildJvm(backend).withSerialGc().command(all.toArray(String[]::new));
  }
}
