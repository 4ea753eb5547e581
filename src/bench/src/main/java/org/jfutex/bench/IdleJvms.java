// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * JVMs that have ended a task well and wait for another one, each for one that wants the same command line, its CPU
 * included. So a quick run starts some tens of them, and not some hundreds. Its figures are no evidence, for the JIT
 * has seen other lines: a full run, and whoever does not ask for it, keeps none.
 */
final class IdleJvms {
  /** Whether to keep any, a system property. */
  static final String PROPERTY = "jfutex.bench.keep-jvms";

  /** They take memory: as many as the largest team, and some others. */
  private static final int MOST = 24;

  /** Who came last is last. */
  private static final Deque<Idle> ALL = new ArrayDeque<>();

  private record Idle(List<String> jvm, ChildProcess process) {}

  private IdleJvms() {}

  static boolean areKept() {
    return Boolean.getBoolean(PROPERTY);
  }

  /**
   * Takes one.
   *
   * @param jvm its command line, without a task
   */
  static synchronized Optional<ChildProcess> take(List<String> jvm) {
    for (Iterator<Idle> all = ALL.descendingIterator(); all.hasNext(); ) {
      Idle idle = all.next();
      if (idle.jvm.equals(jvm)) {
        all.remove();
        if (idle.process.isAlive()) {
          return Optional.of(idle.process);
        }
      }
    }
    return Optional.empty();
  }

  /** Keeps one, and dismisses the one that is idle for longest if they are too many. */
  static synchronized void keep(List<String> jvm, ChildProcess process) {
    ALL.addLast(new Idle(jvm, process));
    if (ALL.size() > MOST) {
      ALL.removeFirst().process.dismiss();
    }
  }

  /** Ends all. If this JVM ends without, they see the end of their stdin as well. */
  static synchronized void endAll() {
    ALL.forEach(idle -> idle.process.dismiss());
    ALL.forEach(idle -> idle.process.end());
    ALL.clear();
  }
}
