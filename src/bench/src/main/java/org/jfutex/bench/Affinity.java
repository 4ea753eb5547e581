// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The CPUs that a process is pinned to, as the kernel says: as a whole, or some of its threads. */
final class Affinity {
  private Affinity() {}

  /** Those of its pinned threads together; all that this process may use if none is pinned; none if nobody knows. */
  static Set<Integer> of(long pid) {
    Path process = Path.of("/proc/" + pid);
    try {
      List<Integer> all = Machine.allowedCpus();
      List<Integer> own = ofThread(process, all);
      Set<Integer> pinned = own.size() < all.size() ? Set.copyOf(own) : ofPinned(process, all);
      return pinned.isEmpty() ? Set.copyOf(all) : pinned;
    } catch (IOException e) {
      return Set.of();
    }
  }

  private static Set<Integer> ofPinned(Path process, List<Integer> all) throws IOException {
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      return threads
          .map(thread -> ofThread(thread, all))
          .filter(cpus -> cpus.size() < all.size())
          .flatMap(List::stream)
          .collect(Collectors.toSet());
    }
  }

  private static List<Integer> ofThread(Path thread, List<Integer> otherwise) {
    try {
      return Machine.allowedCpus(thread.resolve("status"));
    } catch (IOException e) {
      return otherwise; // it has just ended
    }
  }
}
