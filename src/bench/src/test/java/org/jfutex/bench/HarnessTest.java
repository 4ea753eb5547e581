// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.bench.jmh.CrowdBenchmark;
import org.jfutex.bench.jmh.InJvmBenchmark;
import org.jfutex.memory.KeyKind;
import org.jfutex.sync.MutexKind;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The pieces of the harness. The benchmarks themselves take minutes and are no tests. */
class HarnessTest {
  private static final double EXACT = 1e-12;
  private static final Effort TINY = new Effort(2, 1, 3, 1);

  @Test
  void medianAndMiddleHalfIgnoreAnOutlier() {
    Sample sample = new Sample();
    for (double value : new double[] {4, 1, 1_000_000, 3, 2}) {
      sample.add(value);
    }
    assertEquals(3, sample.median(), EXACT);
    assertEquals(new Line.Spread(2, 4, 5), sample.middleHalf());
  }

  @Test
  void medianOfAnEvenNumberLiesBetween() {
    Sample sample = new Sample();
    sample.add(1);
    sample.add(2);
    assertEquals(1.5, sample.median(), EXACT);
    assertThrows(IllegalStateException.class, () -> new Sample().median());
  }

  /** A machine that slows down all the time: both values grow, the ratio of neighbours does not. */
  @Test
  void duelTakesTurnsAndDriftCancels() throws IOException {
    List<String> turns = new ArrayList<>();
    double[] slowdown = {1};
    Duel duel =
        new Duel(
            "drift",
            "subject",
            file -> new Fake("A", 20, turns, slowdown, 1),
            "peer",
            file -> new Fake("B", 10, turns, slowdown, 2));
    Line line = duel.run(TINY);
    assertEquals(2, line.ratio(), EXACT);
    assertEquals("A B A B A B A B A B A B A B A B", String.join(" ", turns));
    assertTrue(line.subjectValue() > 100, line::toString);
  }

  /** Both sides take 1 or 3 us, and one of two processes does a quarter of it. */
  @Test
  void duelTellsWhereItLiesAndWhatItBurntAndHowItWasSpread() throws IOException {
    Line line =
        new Duel("d", "a", file -> new Busy(), "b", file -> new Busy()).at("c", "n", 2).run(TINY);
    assertEquals(new Line.Point("c", "n", 2), line.point());
    assertEquals(new Line.Share(0.25, 0.75), line.shares().subject());
    assertTrue(line.cpu().subject() > 0, line::toString);
    assertEquals(
        List.of(1_000.0, 3_000.0),
        line.latencies().peer().stream()
            .filter(one -> one.percent() == 50 || one.percent() == 99)
            .map(one -> (double) Math.round(one.nanos() / 1_000) * 1_000)
            .toList());
  }

  private static final class Busy implements Contestant {
    private long cpuNanos;

    @Override
    public Slice slice(long millis) {
      cpuNanos += 1_000_000;
      return new Slice(1, 0, 0.25, 0.75, List.of(1_000L, 3_000L));
    }

    @Override
    public long cpuNanos() {
      return cpuNanos;
    }

    @Override
    public void close() {}
  }

  /** The second of a pair makes the next pair slower. */
  private record Fake(
      String name, double value, List<String> turns, double[] slowdown, double factor)
      implements Contestant {
    @Override
    public Slice slice(long millis) {
      turns.add(name);
      double now = value * slowdown[0];
      slowdown[0] *= factor;
      return new Slice(now, 0);
    }

    @Override
    public void close() {}
  }

  @Test
  void jsonHasTheAgreedFieldsAndNoRatioToNothing() {
    List<String> none = List.of();
    Line.Share half = new Line.Share(0.5, 0.5);
    List<Line.Percentile> median = List.of(new Line.Percentile(50, 140));
    List<Line> measured =
        List.of(
            new Line("a", "ns/op", "ffm", 150.00049, "C", 100, 1.5, new Line.Spread(1, 2, 9), none)
                .withPoint(new Line.Point("growth", "processes", 4))
                .withCpu(new Line.Cpu(2, 1.5))
                .withShares(new Line.Shares(half, half))
                .withLatencies(new Line.Latencies(median, median))
                .withCpus(List.of(0, 2)),
            new Line("b", "B/op", "jna", 0, "none", 0, null, null, none));
    JsonArray lines = JsonParser.parseString(JsonLine.json(measured, "this run")).getAsJsonArray();
    Set<String> fields =
        Set.of(
            "name",
            "unit",
            "subject",
            "subjectValue",
            "peer",
            "peerValue",
            "ratio",
            "low",
            "high",
            "pairs",
            "point",
            "cpu",
            "shares",
            "latencies",
            "cpus",
            "notes",
            "run");
    lines.forEach(line -> assertEquals(fields, line.getAsJsonObject().keySet()));
    JsonObject first = lines.get(0).getAsJsonObject();
    assertEquals(150, first.get("subjectValue").getAsDouble(), EXACT);
    assertEquals(1.5, first.get("ratio").getAsDouble(), EXACT);
    assertEquals(9, first.get("pairs").getAsInt());
    assertEquals(4, first.getAsJsonObject("point").get("x").getAsDouble(), EXACT);
    assertEquals("[[50.0,140.0]]", first.getAsJsonObject("latencies").get("subject").toString());
    assertEquals("[0,2]", first.getAsJsonArray("cpus").toString());
    assertEquals("this run", first.get("run").getAsString());
    JsonObject second = lines.get(1).getAsJsonObject();
    for (String field :
        List.of("ratio", "low", "pairs", "point", "cpu", "shares", "latencies", "cpus")) {
      assertTrue(second.get(field).isJsonNull(), field);
    }
    Report report = new Report(measured);
    assertTrue(report.table().contains("1.00 .. 2.00"), report::table);
  }

  @Test
  void cpuListsHaveRanges() {
    assertEquals(List.of(0, 1, 2, 8, 10, 11), Machine.parseCpus("0-2,8,10-11\n"));
    assertEquals(List.of(3), Machine.parseCpus("3"));
    assertEquals("0-2,8,10-11", Machine.cpuList(List.of(0, 1, 2, 8, 10, 11)));
    assertEquals("3", Machine.cpuList(List.of(3)));
  }

  /** Says so, and ends with its stdin. */
  private static final List<String> READY = List.of("sh", "-c", "echo ready; exec cat");

  /** As a whole; by the thread that measures, and those that it makes; and by threads of the task's own choice. */
  @Test
  void whoMeasuresIsPinned() throws IOException {
    Cpus cpus = Cpus.allowed();
    Assumptions.assumeTrue(Cpus.canPin() && cpus.areSeveral(), "nothing to pin with, or to");
    Set<Integer> first = Set.of(cpus.first());
    try (SharedFile file = new SharedFile();
        Child process = new Child(Machine.pinned(cpus.first(), READY)).ready();
        Child thread = cpus.alone(new ChildJvm("none"), "barrier", file.path().toString());
        Child threads = threads(file, cpus.first(), cpus.second());
        Child left = new Child(READY).ready()) {
      assertEquals(first, process.cpus());
      assertEquals(first, thread.cpus());
      assertEquals(Set.of(cpus.first(), cpus.second()), threads.cpus());
      assertEquals(Set.copyOf(cpus.all()), left.cpus());
      assertShares(threads.slice(5));
    }
  }

  private static Child threads(SharedFile file, int... cpus) throws IOException {
    List<String> task =
        new ArrayList<>(List.of("threads", file.path().toString(), "CountDownLatch"));
    IntStream.of(cpus).mapToObj(Integer::toString).forEach(task::add);
    return new Child(new ChildJvm("jna").command(task.toArray(String[]::new))).ready();
  }

  @Test
  void peersInCCompileAndAnswer() throws IOException {
    Path compiler = CPeers.compiler().orElse(null);
    Assumptions.assumeTrue(compiler != null, "no C compiler on the path");
    try (CPeers peers = CPeers.compile(compiler);
        SharedFile file = new SharedFile()) {
      for (String operation : List.of("empty-wake", "mismatching-wait")) {
        try (Child child = new Child(peers.command(operation, file, 0)).ready()) {
          Contestant.Slice slice = child.slice(1);
          assertTrue(slice.value() > 0, () -> operation + ": " + slice);
          assertEquals(0, slice.sleepers(), EXACT);
        }
      }
      try (PingPong pair =
          new PingPong(peers.command("pong", file, 128), peers.command("ping", file, 128))) {
        assertTrue(pair.slice(1).value() > 0);
      }
    }
  }

  /** The same mutexes in the same file, by C and by Java, of one kind. */
  @Test
  void mutexesAreLockedByCAndByJava() throws IOException {
    Path compiler = CPeers.compiler().orElse(null);
    Assumptions.assumeTrue(compiler != null, "no C compiler on the path");
    String kind = KindNumber.of(MutexKind.RECURSIVE.robust(true).priorityInheritance(true));
    try (CPeers peers = CPeers.compile(compiler);
        SharedFile file = new SharedFile()) {
      String path = file.path().toString();
      List<String> java = new ChildJvm("jna").command("mutex-uncontended", path, kind);
      try (Child ours = new Child(java).ready();
          Child theirs = new Child(peers.mutexes("uncontended", path, kind)).ready()) {
        assertTrue(ours.slice(1).value() > 0);
        assertTrue(theirs.slice(1).value() > 0);
        assertTrue(ours.slice(1).value() > 0);
      }
    }
  }

  /** The processes check their counter themselves. */
  @Test
  void processesContendAndEachHasItsShare() throws IOException {
    Path compiler = CPeers.compiler().orElse(null);
    Assumptions.assumeTrue(compiler != null, "no C compiler on the path");
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
    String kind = KindNumber.of(MutexKind.NORMAL);
    try (CPeers peers = CPeers.compile(compiler);
        SharedFile file = new SharedFile()) {
      String path = file.path().toString();
      try (Team theirs = new Team(peers.mutexes("contended", path, "1024", kind, "3"), 3)) {
        assertShares(theirs.slice(5));
      }
      List<String> java = new ChildJvm("jna").command("mutex-contended", path, "0", kind, "2");
      try (Team ours = new Team(java, 2)) {
        assertShares(ours.slice(5));
      }
    }
  }

  /** The same semaphores in the same file, by C and by Java; and each kind contended. */
  @Test
  void semaphoresAreTakenByCAndByJava() throws IOException {
    Path compiler = CPeers.compiler().orElse(null);
    Assumptions.assumeTrue(compiler != null, "no C compiler on the path");
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
    try (CPeers peers = CPeers.compile(compiler);
        SharedFile file = new SharedFile()) {
      String path = file.path().toString();
      List<String> java = new ChildJvm("jna").command("semaphore-uncontended", path);
      try (Child ours = new Child(java).ready();
          Child theirs = new Child(peers.semaphores("uncontended", path)).ready()) {
        assertTrue(ours.slice(1).value() > 0);
        assertTrue(theirs.slice(1).value() > 0);
        assertTrue(ours.slice(1).value() > 0);
      }
    }
    for (String kind : List.of("semaphore", "semaphore-robust")) {
      try (CPeers peers = CPeers.compile(compiler);
          SharedFile file = new SharedFile()) {
        String path = file.path().toString();
        try (Team theirs = new Team(peers.semaphores("contended", path, "1024", "2"), 2)) {
          assertShares(theirs.slice(5));
        }
        List<String> java = new ChildJvm("jna").command(kind + "-contended", path, "0", "2");
        try (Team ours = new Team(java, 2)) {
          assertShares(ours.slice(5));
        }
      }
    }
  }

  /** The same halves of both kinds, by C and by Java, in one file; and each contended. */
  @Test
  void readWriteLocksAreTakenByCAndByJava() throws IOException {
    Path compiler = CPeers.compiler().orElse(null);
    Assumptions.assumeTrue(compiler != null, "no C compiler on the path");
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
    try (CPeers peers = CPeers.compile(compiler)) {
      for (String kind : List.of("rwlock", "rwlock-compact")) {
        for (String half : List.of("read", "write")) {
          try (SharedFile file = new SharedFile()) {
            String path = file.path().toString();
            List<String> java = new ChildJvm("jna").command(kind + "-uncontended", path, half);
            List<String> c = peers.readWriteLocks("uncontended", path, half, "0");
            try (Child ours = new Child(java).ready();
                Child theirs = new Child(c).ready()) {
              assertTrue(ours.slice(1).value() > 0);
              assertTrue(theirs.slice(1).value() > 0);
              assertTrue(ours.slice(1).value() > 0);
            }
          }
          try (SharedFile file = new SharedFile()) {
            String path = file.path().toString();
            List<String> java =
                new ChildJvm("jna").command(kind + "-contended", path, "0", half, "2");
            List<String> c = peers.readWriteLocks("contended", path, "8192", half, "2", "2");
            try (Team ours = new Team(java, 2);
                Team theirs = new Team(c, 2)) {
              assertShares(ours.slice(5));
              assertShares(theirs.slice(5));
            }
          }
        }
      }
    }
  }

  private static void assertShares(Contestant.Slice slice) {
    assertTrue(slice.value() > 0, slice::toString);
    assertTrue(slice.least() > 0, slice::toString);
    assertTrue(slice.least() <= slice.most() && slice.most() < 1, slice::toString);
    assertFalse(slice.nanos().isEmpty(), slice::toString);
  }

  @Test
  void kindsHaveNamesOfLines() {
    assertEquals("normal", KindNumber.name(MutexKind.NORMAL));
    assertEquals("robust-error-check", KindNumber.name(MutexKind.DEFAULT));
    assertEquals(
        "robust-pi", KindNumber.name(MutexKind.NORMAL.robust(true).priorityInheritance(true)));
  }

  @Test
  void childThatDiesSaysSo() {
    assertThrows(IOException.class, () -> new Child(List.of("true")).ready());
  }

  /** With JMH's flags and generated code, whatever the JDK. */
  @Test
  void childJvmMeasuresAJmhBenchmark() throws IOException {
    List<String> command =
        new ChildJvm("none").withJmhFlags().command("jmh", "InJvmBenchmark.wakeNobody");
    try (Child child = new Child(command).ready()) {
      assertTrue(child.slice(1).value() > 0);
    }
  }

  /** Ours and the peer. */
  @Test
  void interruptsOfSleepersAreMeasured() throws IOException {
    Assumptions.assumeTrue(
        Files.isReadable(Path.of("/proc/self/syscall")), "nothing tells who sleeps");
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
    String cpu = Integer.toString(Machine.allowedCpus().get(0));
    try (SharedFile file = new SharedFile();
        Child wait = interrupted("wait", file.path().toString(), "0", "100", cpu, cpu);
        Child park = interrupted("park", "0.1", cpu, cpu)) {
      assertTrue(wait.slice(1).value() > 0);
      assertTrue(park.slice(1).value() > 0);
    }
  }

  private static Child interrupted(String sleep, String... arguments) throws IOException {
    List<String> task = new ArrayList<>(List.of("interrupted-" + sleep));
    task.addAll(List.of(arguments));
    return new Child(new ChildJvm("jna").command(task.toArray(String[]::new))).ready();
  }

  /** Each pair of JVMs meets, answers and ends; the pipes and the socket that they met at are gone. */
  @Test
  void queuesAndTheirPeersAreMeasured() throws IOException {
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
    Assumptions.assumeTrue(CPeers.onPath("mkfifo").isPresent(), "no pipes");
    List<String> kinds =
        List.of("doorbell 0", "doorbell-spin 0", "pipe", "socket", "offer 0 many-to-one");
    for (String kind : kinds) {
      try (SharedFile file = new SharedFile()) {
        try (PingPong pair = new PingPong(side(kind, "pong", file), side(kind, "ping", file))) {
          assertTrue(pair.slice(1).value() > 0, kind);
        }
        try (Stream<Path> left = Files.list(file.path().getParent())) {
          String own = file.path().getFileName().toString();
          assertEquals(
              1, left.filter(one -> one.getFileName().toString().startsWith(own)).count(), kind);
        }
      }
    }
  }

  private static List<String> side(String kind, String side, SharedFile file) {
    List<String> task = new ArrayList<>(List.of(kind.split(" ")));
    task.set(0, task.get(0) + "-" + side);
    task.add(1, file.path().toString());
    return new ChildJvm("jna").command(task.toArray(String[]::new));
  }

  @Test
  void aDifferenceIsThatOfNeighbours() throws IOException {
    List<String> turns = new ArrayList<>();
    double[] slowdown = {1};
    Duel duel =
        new Duel(
            "difference",
            "subject",
            file -> new Fake("A", 12, turns, slowdown, 1),
            "peer",
            file -> new Fake("B", 10, turns, slowdown, 1));
    assertTrue(duel.run(TINY).notes().isEmpty());
    assertEquals(
        List.of(
            "subject costs 2.0 ns/op more, the median of neighbouring slices; middle half 2.0 .. 2.0"),
        duel.withDifference().run(TINY).notes());
  }

  /** Where one start of a JVM in two allocates, the report says that it does. */
  @Test
  void allocationIsThatOfTheWorstLaunch() throws IOException {
    List<String> turns = new ArrayList<>();
    double[] bytes = {40, 0};
    int[] launch = {0};
    Allocation allocation =
        new Allocation(
            "a", "ffm", file -> new Fake("A", bytes[launch[0]++], turns, new double[] {1}, 1));
    assertEquals(40, allocation.run(TINY).subjectValue(), EXACT);
  }

  @Test
  void benchmarkMethodsRun() throws IOException {
    InJvmBenchmark engine = new InJvmBenchmark();
    engine.map();
    engine.lockUnlock();
    assertEquals(0, engine.wakeNobody());
    assertEquals(false, engine.prepareComplete());
    assertTrue(engine.prepareWakeOne());

    CrowdBenchmark crowd = new CrowdBenchmark();
    crowd.others = 100;
    crowd.waiting = true;
    crowd.kind = KeyKind.PRIVATE;
    crowd.gather();
    assertTrue(crowd.prepareWakeOne());
    crowd.disperse();
  }

  @Test
  void threadsThatEndedCountForTheCpuTime() throws InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    AtomicLong took = new AtomicLong();
    long pid = ProcessHandle.current().pid();
    long before = CpuTime.nanos(pid);
    Thread thread =
        new Thread(
            () -> {
              while (took.get() < TimeUnit.MILLISECONDS.toNanos(50)) {
                took.set(threads.getCurrentThreadCpuTime());
              }
            });
    thread.start();
    thread.join();
    assertTrue(CpuTime.nanos(pid) - before >= took.get());
    assertEquals(0, CpuTime.nanos(5_000_000), "Linux has no such process");
  }

  @Test
  void usageErrorsExitWithTwoAndNameTheOption(@TempDir Path folder) {
    assertUsageError("--fast", "--fast");
    assertUsageError("--only", "--only", "no-such-line");
    assertUsageError("--json", "--json", folder.resolve("missing").resolve("x.json").toString());
    assertUsageError("--html", "--from", "pom.xml");
    String page = folder.resolve("page.html").toString();
    assertUsageError("--from", "--from", folder.resolve("no.json").toString(), "--html", page);
    assertUsageError("--from", "--from", "pom.xml", "--html", page);
    assertUsageError("--from .: Is a directory", "--from", ".", "--html", page);
    assertUsageError("no-such-line", "--list", "--only", "empty", "--only", "no-such-line");
    assertUsageError("--html alone", "--from", "pom.xml", "--html", page, "--quick");
  }

  private static void assertUsageError(String named, String... arguments) {
    StringWriter errors = new StringWriter();
    int status = new CommandLine(new Main()).setErr(new PrintWriter(errors)).execute(arguments);
    assertEquals(2, status);
    assertTrue(errors.toString().contains(named), errors::toString);
  }
}
