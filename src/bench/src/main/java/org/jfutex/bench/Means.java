// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.SyscallsUnavailableException;

/** What there is here to measure with, and why something is not. */
final class Means {
  /** As on a system without futex(2). */
  static final String NO_BACKEND = "none";

  /** In the order of the report. */
  static final List<Need> BACKENDS = List.of(Need.FFM, Need.JNA);

  /** Of any thread: a kernel may be built without it. */
  private static final Path SYSTEM_CALL = Path.of("/proc/self/syscall");

  private final CPeers peers; // null where no C compiler is
  private final Cpus cpus;
  private final Map<Need, String> missing;

  /**
   * For what it is told.
   *
   * @param missing what of it is not there, and why
   */
  Means(CPeers peers, Cpus cpus, Map<Need, String> missing) {
    this.peers = peers;
    this.cpus = cpus;
    this.missing = missing;
  }

  /**
   * Looks around.
   *
   * @param peers null where no C compiler is
   */
  static Means found(CPeers peers) throws IOException {
    Means means = new Means(peers, Cpus.allowed(), new EnumMap<>(Need.class));
    means.require(Need.COMPILER, peers != null, "no C compiler (gcc or cc) on the path");
    means.require(Need.TASKSET, Cpus.canPin(), "no taskset (util-linux) on the path to pin with");
    means.require(Need.SECOND_CPU, means.cpus.areSeveral(), "there is one CPU");
    BACKENDS.forEach(means::requireBackend);
    boolean any = !means.backends().isEmpty();
    means.require(Need.BACKEND, any, "no way to the kernel");
    means.require(
        Need.FUTEX_WAITV,
        any && FutexSyscalls.named(means.backend()).features().futexWaitv(),
        "no futex_waitv(2), Linux 5.16, or a sandbox forbids it");
    means.require(
        Need.SYSTEM_CALLS,
        Files.isReadable(SYSTEM_CALL),
        SYSTEM_CALL + " does not tell who sleeps");
    means.require(
        Need.MKFIFO, CPeers.onPath("mkfifo").isPresent(), "no mkfifo (coreutils) on the path");
    return means;
  }

  private void require(Need need, boolean isThere, String otherwise) {
    if (!isThere) {
      missing.put(need, otherwise);
    }
  }

  private void requireBackend(Need backend) {
    try {
      FutexSyscalls.named(name(backend));
    } catch (SyscallsUnavailableException e) {
      missing.put(backend, e.getMessage());
    }
  }

  /** As users ask for it, and as the lines name it. */
  static String name(Need backend) {
    return backend.name().toLowerCase(Locale.ROOT);
  }

  /** What is missing for who has all these needs, the first of it; empty if nothing is. */
  Optional<Need> missing(Set<Need> needs) {
    return needs.stream().filter(missing::containsKey).min(Comparator.naturalOrder());
  }

  /** Why it is missing. */
  String reason(Need need) {
    return missing.get(need);
  }

  /** Null where no C compiler is. */
  CPeers peers() {
    return peers;
  }

  Cpus cpus() {
    return cpus;
  }

  /** Those ways to the kernel that work here. */
  List<String> backends() {
    return BACKENDS.stream().filter(one -> !missing.containsKey(one)).map(Means::name).toList();
  }

  /** The first that works; none will do for what does not use it. */
  String backend() {
    return backends().stream().findFirst().orElse(NO_BACKEND);
  }
}
