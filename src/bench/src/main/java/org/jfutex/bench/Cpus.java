// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;

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

  /** A process that measures by itself. */
  Child alone(List<String> command) throws IOException {
    return new Child(command).ready();
  }

  /** A JVM that measures by itself. */
  Child alone(ChildJvm jvm, String... task) throws IOException {
    return new Child(jvm.command(task)).ready();
  }

  /** A process that measures by itself, with threads that are to share its CPU. */
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
