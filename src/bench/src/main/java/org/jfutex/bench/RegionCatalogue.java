// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import org.jfutex.bench.child.FirstLock;

/** The benchmarks of getting a lock, rather than of having one. */
final class RegionCatalogue {
  private final String backend;

  RegionCatalogue(String backend) {
    this.backend = backend;
  }

  /** Of a JVM that has none yet; beside one that takes a lock of its own, which is what any start takes. */
  List<Benchmark> starts() {
    return List.of(
        start("FileChannel.lock", FirstLock.FILE), start("ReentrantLock", FirstLock.REENTRANT));
  }

  private Benchmark start(String peer, String lock) {
    return new Start("start-first-lock", backend, first(FirstLock.REGION), peer, first(lock));
  }

  private Start.Command first(String lock) {
    ChildJvm jvm = new ChildJvm(backend);
    return file -> jvm.commandOf(FirstLock.class, lock, file.path().toString());
  }
}
