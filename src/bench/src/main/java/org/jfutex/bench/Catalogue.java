// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.SyscallsUnavailableException;
import org.jfutex.memory.KeyKind;

/** Every benchmark that can run here, and why the others cannot. */
final class Catalogue {
  private static final String FFM = "ffm";
  private static final String JNA = "jna";

  /** As on a system without futex(2). */
  private static final String NO_BACKEND = "none";

  /** The peer in C, and what its lines are beside. */
  private static final String C = "C";

  private static final String LOCK = "ReentrantLock";
  private static final String EMPTY_CROWD = "no others";

  /** Words in the shared file, each pair on cache lines of its own. Both sides of a system call take the same word. */
  private static final int CALL_WORD = 0;

  private static final int SUBJECT_WORDS = 128;
  private static final int PEER_WORDS = 256;

  private static final List<String> ALLOCATING =
      List.of(
          "wait-mismatching",
          "wake",
          "requeue",
          "hand-off",
          "hand-off-timed",
          "hand-off-interruptible",
          "hand-off-requeued");

  private final List<Benchmark> benchmarks = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> backends = new ArrayList<>();
  private final CPeers peers;

  /**
   * @param peers null where no C compiler is
   */
  Catalogue(CPeers peers) throws IOException {
    this.peers = peers;
    findBackend(FFM);
    findBackend(JNA);
    if (peers == null) {
      leftOut.add("empty-wake, mismatching-wait, ping-pong: no C compiler (gcc or cc) on the path");
    } else {
      addCalls("empty-wake");
      addCalls("mismatching-wait");
      addPingPongs();
    }
    addInJvm("in-jvm-wake-nobody", "wakeNobody");
    addInJvm("in-jvm-prepare-complete", "prepareComplete");
    addInJvm("in-jvm-prepare-wake-one", "prepareWakeOne");
    addCrowds();
    addAllocations();
  }

  /** In the order of the report. */
  List<Benchmark> benchmarks() {
    return benchmarks;
  }

  /** One reason a line. */
  List<String> leftOut() {
    return leftOut;
  }

  /** Those ways to the kernel that work here. */
  List<String> backends() {
    return backends;
  }

  private void findBackend(String name) {
    try {
      backends.add(FutexSyscalls.named(name).name());
    } catch (SyscallsUnavailableException e) {
      leftOut.add("what goes through " + name + ": " + e.getMessage());
    }
  }

  /** For what does not use it. */
  private String anyBackend() {
    return backends.isEmpty() ? NO_BACKEND : backends.get(0);
  }

  private void addCalls(String operation) {
    for (String backend : backends) {
      benchmarks.add(
          new Duel(
              operation,
              backend,
              file ->
                  new Child(
                          new ChildJvm(backend)
                              .command(
                                  operation, file.path().toString(), Integer.toString(CALL_WORD)))
                      .ready(),
              C,
              file -> new Child(peers.command(operation, file, CALL_WORD)).ready()));
    }
  }

  private void addPingPongs() throws IOException {
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("ping-pong: no taskset (util-linux) on the path to pin processes with");
      return;
    }
    int first = Machine.allowedCpus().get(0);
    int second = Machine.secondCpu();
    if (second < 0) {
      leftOut.add("ping-pong-two-cpus: there is one CPU");
    } else {
      addPingPong("ping-pong-two-cpus", first, second);
    }
    addPingPong("ping-pong-one-cpu", first, first);
  }

  private void addPingPong(String name, int pongCpu, int pingCpu) {
    for (String backend : backends) {
      benchmarks.add(
          new Duel(
              name,
              backend,
              file ->
                  new PingPong(
                      pinned(pongCpu, pingPongJvm(backend, "pong", file)),
                      pinned(pingCpu, pingPongJvm(backend, "ping", file))),
              C,
              file ->
                  new PingPong(
                      pinned(pongCpu, peers.command("pong", file, PEER_WORDS)),
                      pinned(pingCpu, peers.command("ping", file, PEER_WORDS)))));
    }
  }

  private static List<String> pingPongJvm(String backend, String side, SharedFile file) {
    return new ChildJvm(backend)
        .withSerialGc()
        .command(side, file.path().toString(), Integer.toString(SUBJECT_WORDS));
  }

  private static List<String> pinned(int cpu, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
    pinned.addAll(command);
    return pinned;
  }

  private void addInJvm(String name, String method) {
    benchmarks.add(
        new Duel(
            name,
            "jfutex",
            jmh(anyBackend(), "InJvmBenchmark." + method),
            LOCK,
            jmh(anyBackend(), "InJvmBenchmark.lockUnlock")));
  }

  private void addCrowds() {
    addCrowd("in-jvm-wake-one-among-1", anyBackend(), "1 other", "others=1");
    addCrowd("in-jvm-wake-one-among-1000", anyBackend(), "1,000 others", "others=1000");
    addCrowd("in-jvm-wake-one-among-100000", anyBackend(), "100,000 others", "others=100000");
    addCrowd(
        "in-jvm-wake-one-among-1000-one-word",
        anyBackend(),
        "1,000 others",
        "others=1000",
        "oneWord=true");
    addCrowd(
        "in-jvm-wake-one-among-100000-one-word",
        anyBackend(),
        "100,000 others",
        "others=100000",
        "oneWord=true");
    // Without system calls the in-JVM engine serves the shared kinds too.
    for (KeyKind kind : List.of(KeyKind.SHARED_PRIVATE, KeyKind.SHARED_MAPPABLE)) {
      addCrowd(
          "in-jvm-wake-one-among-100000-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-'),
          NO_BACKEND,
          "100,000 others",
          "others=100000",
          "kind=" + kind);
    }
    for (String backend : backends) {
      addCrowd(
          "kernel-wake-one-among-100000",
          backend,
          backend + ", 100,000 others",
          "others=100000",
          "kind=" + KeyKind.SHARED_MAPPABLE);
    }
  }

  private void addCrowd(String name, String backend, String subject, String... parameters) {
    List<String> alone = new ArrayList<>(List.of(parameters));
    alone.set(0, "others=0");
    benchmarks.add(
        new Duel(
            name,
            subject,
            jmh(backend, "CrowdBenchmark.prepareWakeOne", parameters),
            EMPTY_CROWD,
            jmh(backend, "CrowdBenchmark.prepareWakeOne", alone.toArray(String[]::new))));
  }

  private static Contestant.Factory jmh(String backend, String benchmark, String... parameters) {
    List<String> task = new ArrayList<>(List.of("jmh", benchmark));
    task.addAll(List.of(parameters));
    return file ->
        new Child(new ChildJvm(backend).withJmhFlags().command(task.toArray(String[]::new)))
            .ready();
  }

  private void addAllocations() {
    for (String operation : ALLOCATING) {
      for (String backend : backends) {
        addAllocation("allocation-kernel-" + operation, backend, "kernel", operation);
      }
    }
    for (String operation : ALLOCATING) {
      addAllocation("allocation-in-jvm-" + operation, anyBackend(), "in-jvm", operation);
    }
    addAllocation("allocation-in-jvm-prepare-complete", anyBackend(), "in-jvm", "prepare-complete");
  }

  private void addAllocation(String name, String backend, String engine, String operation) {
    benchmarks.add(
        new Allocation(
            name,
            "in-jvm".equals(engine) ? "jfutex" : backend,
            file ->
                new Child(new ChildJvm(backend).command("allocation", engine, operation)).ready()));
  }
}
