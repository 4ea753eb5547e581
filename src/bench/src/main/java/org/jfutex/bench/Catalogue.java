// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static final String NO_TASKSET = "no taskset (util-linux) on the path to pin with";
  private static final String PARK = "LockSupport.park";
  private static final List<String> PERCENTILES = List.of("50", "99");

  /** Of any thread: a kernel may be built without it. */
  private static final Path SYSTEM_CALL = Path.of("/proc/self/syscall");

  private static final String LOCK = "ReentrantLock";
  private static final String EMPTY_CROWD = "no others";
  private static final String IN_JVM_CROWD = "in-jvm-wake-one-among";
  private static final String KERNEL_CROWD = "kernel-wake-one-among";
  private static final String WAITERS = "waiters";
  private static final int MANY = 1_000;
  private static final int MOST = 100_000;
  private static final List<Integer> CROWDS = List.of(1, 10, 100, MANY, 10_000, MOST);

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
      leftOut.add(
          "empty-wake, mismatching-wait, ping-pong, mutex-uncontended, mutex-contended, semaphore, rwlock,"
              + " barrier, event, queue beside C: no C compiler"
              + " (gcc or cc) on the path");
    } else {
      addCalls("empty-wake");
      addCalls("mismatching-wait");
      addOnCpus("ping-pong", this::addPingPong);
    }
    addMutexes();
    addSemaphores();
    addReadWriteLocks();
    addWords();
    addQueues();
    addThreads();
    addGrowth();
    for (String backend : backends) {
      benchmarks.addAll(new RegionCatalogue(backend).starts());
    }
    if (!backends.isEmpty()) {
      benchmarks.addAll(new RegionCatalogue(anyBackend()).finds());
    }
    addInterrupts();
    addInJvm("in-jvm-wake-nobody", "wakeNobody", LOCK, "lockUnlock");
    addInJvm("in-jvm-prepare-complete", "prepareComplete", LOCK, "lockUnlock");
    addInJvm("in-jvm-prepare-wake-one", "prepareWakeOne", LOCK, "lockUnlock");
    addInJvm("in-jvm-wait-async", "waitAsyncWake", "CompletableFuture", "completeFuture");
    addCrowds();
    addAllocations();
    if (!backends.isEmpty()) {
      benchmarks.addAll(new MutexCatalogue(anyBackend()).allocationsAwake());
    }
    for (String backend : backends) {
      benchmarks.addAll(new MutexCatalogue(backend).allocationsAsleep());
    }
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

  private interface OnCpus {
    void add(String name, int pongCpu, int pingCpu);
  }

  private void addOnCpus(String name, OnCpus lines) throws IOException {
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add(name + ": " + NO_TASKSET);
      return;
    }
    int first = Machine.allowedCpus().get(0);
    int second = Machine.secondCpu();
    if (second < 0) {
      leftOut.add(name + "-two-cpus: there is one CPU");
    } else {
      lines.add(name + "-two-cpus", first, second);
    }
    lines.add(name + "-one-cpu", first, first);
  }

  private void addPingPong(String name, int pongCpu, int pingCpu) {
    for (String backend : backends) {
      benchmarks.add(
          new Duel(
              name,
              backend,
              file ->
                  new PingPong(
                      Machine.pinned(pongCpu, pingPongJvm(backend, "pong", file)),
                      Machine.pinned(pingCpu, pingPongJvm(backend, "ping", file))),
              C,
              file ->
                  new PingPong(
                      Machine.pinned(pongCpu, peers.command("pong", file, PEER_WORDS)),
                      Machine.pinned(pingCpu, peers.command("ping", file, PEER_WORDS)))));
    }
  }

  private static List<String> pingPongJvm(String backend, String side, SharedFile file) {
    return new ChildJvm(backend)
        .withSerialGc()
        .command(side, file.path().toString(), Integer.toString(SUBJECT_WORDS));
  }

  private void addMutexes() throws IOException {
    if (backends.isEmpty()) {
      return; // nobody would own one
    }
    MutexCatalogue mutexes = new MutexCatalogue(anyBackend());
    if (peers != null) {
      benchmarks.addAll(mutexes.uncontended(peers));
      if (CPeers.onPath("taskset").isEmpty()) {
        leftOut.add("mutex-contended: " + NO_TASKSET);
      } else {
        benchmarks.addAll(mutexes.contended(peers));
        benchmarks.addAll(mutexes.fileLocksContended());
      }
    }
    benchmarks.addAll(mutexes.fileLocks());
    addOnCpus(
        "healing",
        (name, pongCpu, pingCpu) -> benchmarks.add(mutexes.healing(name, pongCpu, pingCpu)));
  }

  private void addSemaphores() {
    if (backends.isEmpty()) {
      return;
    }
    SemaphoreCatalogue semaphores = new SemaphoreCatalogue(peers, anyBackend());
    boolean pins = CPeers.onPath("taskset").isPresent();
    if (!pins) {
      leftOut.add("semaphore-contended, semaphore-jna-contended: " + NO_TASKSET);
    }
    if (peers != null) {
      benchmarks.addAll(semaphores.uncontended());
      benchmarks.addAll(pins ? semaphores.contended() : List.of());
    }
    if (backends.contains(JNA)) {
      benchmarks.add(semaphores.besideJna());
      benchmarks.addAll(pins ? List.of(semaphores.besideJnaContended()) : List.of());
    }
  }

  private void addReadWriteLocks() {
    if (peers == null || backends.isEmpty()) {
      return;
    }
    ReadWriteCatalogue locks = new ReadWriteCatalogue(peers, anyBackend());
    benchmarks.addAll(locks.uncontended());
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("rwlock-contended, rwlock-scaling, rwlock-compact-contended: " + NO_TASKSET);
    } else {
      benchmarks.addAll(locks.contended());
    }
  }

  private void addWords() throws IOException {
    if (peers == null || backends.isEmpty()) {
      return;
    }
    WordsCatalogue words = new WordsCatalogue(peers, anyBackend());
    benchmarks.addAll(words.uncontended());
    int second = Machine.secondCpu();
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("barrier-two-cpus, event-two-cpus: " + NO_TASKSET);
    } else if (second < 0) {
      leftOut.add("barrier-two-cpus, event-two-cpus: there is one CPU");
    } else {
      benchmarks.addAll(words.ofTwo(Machine.allowedCpus().get(0), second));
    }
  }

  private void addQueues() throws IOException {
    if (backends.isEmpty()) {
      return;
    }
    int second = Machine.secondCpu();
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("queue, idle, chronicle, async: " + NO_TASKSET);
    } else if (second < 0) {
      leftOut.add("queue, idle, chronicle, async: there is one CPU");
    } else {
      QueueCatalogue queues =
          new QueueCatalogue(anyBackend(), Machine.allowedCpus().get(0), second);
      if (peers != null) {
        benchmarks.addAll(queues.besideC(peers));
      }
      benchmarks.addAll(queues.besideJava());
      benchmarks.addAll(queues.besideAgrona());
      IdleCatalogue idle = new IdleCatalogue(anyBackend(), second, Machine.allowedCpus().get(0));
      benchmarks.addAll(idle.besideAgrona());
      benchmarks.addAll(idle.besideChronicle());
      benchmarks.addAll(
          new AsyncCatalogue(anyBackend(), Machine.allowedCpus().get(0), second).benchmarks());
    }
  }

  private void addThreads() throws IOException {
    if (backends.isEmpty()) {
      return;
    }
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("juc: " + NO_TASKSET);
    } else {
      benchmarks.addAll(new JucCatalogue(anyBackend(), Machine.allowedCpus()).benchmarks());
    }
  }

  private void addGrowth() throws IOException {
    if (peers == null || backends.isEmpty()) {
      return;
    }
    int second = Machine.secondCpu();
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("kernel-blocked, wait-any, mutex-held: " + NO_TASKSET);
    } else if (second < 0) {
      leftOut.add("kernel-blocked, wait-any, mutex-held: there is one CPU");
    } else {
      GrowthCatalogue growth =
          new GrowthCatalogue(peers, anyBackend(), Machine.allowedCpus().get(0), second);
      benchmarks.addAll(growth.benchmarks());
      if (FutexSyscalls.named(anyBackend()).features().futexWaitv()) {
        benchmarks.addAll(growth.waitsForSeveral());
      } else {
        leftOut.add("wait-any: no futex_waitv(2), Linux 5.16, or a sandbox forbids it");
      }
    }
  }

  private void addInterrupts() throws IOException {
    if (!Files.isReadable(SYSTEM_CALL)) {
      leftOut.add("interrupt-latency: " + SYSTEM_CALL + " does not tell who sleeps");
      return;
    }
    if (CPeers.onPath("taskset").isEmpty()) {
      leftOut.add("interrupt-latency: " + NO_TASKSET);
      return;
    }
    String cpu = Integer.toString(Machine.allowedCpus().get(0));
    int second = Machine.secondCpu();
    String sleepersCpu = second < 0 ? cpu : Integer.toString(second);
    for (String percentile : PERCENTILES) {
      for (String backend : backends) {
        addInterrupt("interrupt-latency-p" + percentile, backend, percentile, cpu, sleepersCpu);
      }
    }
  }

  private void addInterrupt(String name, String backend, String... arguments) {
    benchmarks.add(
        new Duel(
            name,
            backend,
            file -> {
              List<String> task =
                  new ArrayList<>(List.of("interrupted-wait", file.path().toString()));
              task.add(Integer.toString(CALL_WORD));
              return interrupted(backend, task, arguments);
            },
            PARK,
            file -> interrupted(backend, List.of("interrupted-park"), arguments)));
  }

  private static Child interrupted(String backend, List<String> task, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(task);
    all.addAll(List.of(arguments));
    return new Child(new ChildJvm(backend).command(all.toArray(String[]::new))).ready();
  }

  private void addInJvm(String name, String method, String peer, String peerMethod) {
    benchmarks.add(
        new Duel(
            name,
            "jfutex",
            jmh(anyBackend(), List.of("jmh", "InJvmBenchmark." + method)),
            peer,
            jmh(anyBackend(), List.of("jmh", "InJvmBenchmark." + peerMethod))));
  }

  private void addCrowds() {
    for (int others : CROWDS) {
      benchmarks.add(
          crowd(IN_JVM_CROWD + "-" + others, anyBackend(), KeyKind.PRIVATE, others, false)
              .at(IN_JVM_CROWD, WAITERS, others));
    }
    for (int others : List.of(MANY, MOST)) {
      String name = IN_JVM_CROWD + "-" + others + "-one-word";
      benchmarks.add(crowd(name, anyBackend(), KeyKind.PRIVATE, others, true));
    }
    // Without system calls the in-JVM engine serves the shared kinds too.
    for (KeyKind kind : List.of(KeyKind.SHARED_PRIVATE, KeyKind.SHARED_MAPPABLE)) {
      String suffix = "-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
      benchmarks.add(crowd(IN_JVM_CROWD + "-" + MOST + suffix, NO_BACKEND, kind, MOST, false));
    }
    for (String backend : backends) {
      benchmarks.add(
          crowd(KERNEL_CROWD + "-" + MOST, backend, KeyKind.SHARED_MAPPABLE, MOST, false));
    }
  }

  private static Duel crowd(
      String name, String backend, KeyKind kind, int others, boolean oneWord) {
    List<String> crowd =
        List.of(
            "jmh",
            "CrowdBenchmark.prepareWakeOne",
            "kind=" + kind,
            "others=" + others,
            "oneWord=" + oneWord);
    return new Duel(
        name,
        name.startsWith(KERNEL_CROWD) ? backend : "jfutex",
        jmh(backend, crowd, "waiting=true"),
        EMPTY_CROWD,
        jmh(backend, crowd, "waiting=false"));
  }

  private static Contestant.Factory jmh(String backend, List<String> benchmark, String... more) {
    List<String> task = new ArrayList<>(benchmark);
    task.addAll(List.of(more));
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
