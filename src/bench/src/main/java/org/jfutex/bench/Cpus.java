// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * The CPUs that lines are measured on.
 *
 * @param first for who is alone
 * @param second for the other one of two; the first again if there is no other
 * @param all that this process may use; several are dealt out to them
 */
record Cpus(int first, int second, List<Integer> all) {
  static Cpus allowed() throws IOException {
    List<Integer> all = Machine.allowedCpus();
    int first = all.get(0);
    int second = Machine.secondCpu();
    return new Cpus(first, second < 0 ? first : second, all);
  }

  static boolean canPin() {
    return CPeers.onPath("taskset").isPresent();
  }

  boolean areSeveral() {
    return first != second;
  }

  /** What is pinned where, for the report. */
  String fact() {
    return canPin()
        ? String.format(
            Locale.ROOT,
            "who is alone to CPU %d, two to %d and %d, more are dealt out to %s; a JVM that starts to none",
            first,
            first,
            second,
            Machine.cpuList(all))
        : "nothing, for want of taskset (util-linux)";
  }

  /** A process that measures by itself; pinned where that can be. */
  Child alone(List<String> command) throws IOException {
    return new Child(canPin() ? Machine.pinned(first, command) : command).ready();
  }

  /** A JVM that measures by itself: the thread that does is pinned where that can be, the JVM's own are not. */
  Child alone(ChildJvm jvm, String... task) throws IOException {
    return new Child((canPin() ? jvm.on(first) : jvm).command(task)).ready();
  }

  /** A process whose threads all share one CPU. */
  Child allOnOne(List<String> command) throws IOException {
    return new Child(Machine.pinned(first, command)).ready();
  }

  /** Places two that wake each other. */
  @FunctionalInterface
  interface Pair {
    Contestant of(List<String> pong, List<String> ping) throws IOException;
  }

  /** Each on a CPU. */
  PingPong onTwo(List<String> pong, List<String> ping) throws IOException {
    return new PingPong(Machine.pinned(first, pong), Machine.pinned(second, ping));
  }

  /** Both on one CPU. */
  PingPong onOne(List<String> pong, List<String> ping) throws IOException {
    return new PingPong(Machine.pinned(first, pong), Machine.pinned(first, ping));
  }
}
