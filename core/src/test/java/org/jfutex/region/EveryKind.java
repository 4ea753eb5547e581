// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.util.List;
import java.util.stream.Stream;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;

/** A name for each kind of thing. */
final class EveryKind {
  static final MutexKind PI = MutexKind.RECURSIVE.priorityInheritance(true);

  private EveryKind() {}

  /** Finds or makes them; how they are. */
  static List<String> make(SharedRegion region) {
    region.word("a word");
    region.bytes("bytes", 10);
    SharedMutex mutex = region.mutex("a mutex");
    return Stream.of(
            mutex,
            region.mutex("a PI mutex", PI),
            region.condition("a condition", mutex),
            region.readWriteLock("a read-write lock", 4, null),
            region.compactReadWriteLock("a compact read-write lock"),
            region.semaphore("a semaphore", 3),
            region.robustSemaphore("a robust semaphore", 2),
            region.barrier("a barrier", 3),
            region.latch("a latch", 5),
            region.event("an event"),
            region.autoResetEvent("an auto-reset event"),
            region.once("a once"),
            region.doorbell("a doorbell"))
        .map(Object::toString)
        .toList();
  }
}
