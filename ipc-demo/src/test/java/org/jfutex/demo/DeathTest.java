// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jfutex.memory.MappedMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that is disturbed while its workers are at work: it says so, and cleans up. */
class DeathTest {
  private static final int WORKERS = 2;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("counter");
  }

  /** Far more than it will come to. */
  private DemoProcess startEndlessCounter(String... more) throws Exception {
    String[] args = {
      "counter",
      "--processes",
      "" + WORKERS,
      "--increments",
      "2000000000",
      "--file",
      file.toString(),
      "--json"
    };
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return DemoProcess.start(folder, all);
  }

  /** Once the counter moves, all workers have come to the start line and the lock is in use. */
  private List<ProcessHandle> awaitWorkersAtWork(DemoProcess demo) throws Exception {
    poll(
        () ->
            !demo.process.isAlive()
                || Files.exists(file) && file.toFile().length() == CounterFile.bytes(WORKERS));
    try (MappedMemory memory = MappedMemory.open(file)) {
      CounterFile counter = new CounterFile(memory);
      poll(() -> !demo.process.isAlive() || counter.counter() > 0);
    }
    List<ProcessHandle> workers = demo.process.children().toList();
    assertEquals(WORKERS, workers.size());
    return workers;
  }

  @Test
  void aKilledWorkerIsAViolation() throws Exception {
    try (DemoProcess demo = startEndlessCounter()) {
      List<ProcessHandle> workers = awaitWorkersAtWork(demo);
      workers.get(0).destroyForcibly();

      DemoProcess.Outcome outcome = demo.await();
      assertEquals(1, outcome.status(), outcome::toString);
      assertFalse(outcome.json().get("ok").getAsBoolean(), outcome::toString);
      assertTrue(outcome.err().contains("ended with status 137"), outcome::toString);
      assertTrue(outcome.err().contains("CounterWorker"), outcome::toString);
      assertGone(workers);
    }
  }

  @Test
  void workersThatHangAreAViolation() throws Exception {
    try (DemoProcess demo = startEndlessCounter("--patience", "2")) {
      List<ProcessHandle> workers = awaitWorkersAtWork(demo);
      for (ProcessHandle worker : workers) {
        new ProcessBuilder("sh", "-c", "kill -STOP " + worker.pid()).start().waitFor();
      }

      DemoProcess.Outcome outcome = demo.await();
      assertEquals(1, outcome.status(), outcome::toString);
      assertTrue(outcome.err().contains("nothing moved for 2 s"), outcome::toString);
      assertGone(workers);
    }
  }

  @Test
  void anInterruptedRunLeavesNothingBehind() throws Exception {
    try (DemoProcess demo = startEndlessCounter()) {
      List<ProcessHandle> workers = awaitWorkersAtWork(demo);
      demo.process.destroy(); // SIGTERM; SIGINT may be ignored where no terminal is

      assertNotEquals(0, demo.await().status());
      assertGone(workers);
    }
  }

  @Test
  void workersDoNotOutliveAKilledParent() throws Exception {
    try (DemoProcess demo = startEndlessCounter()) {
      List<ProcessHandle> workers = awaitWorkersAtWork(demo);
      demo.process.destroyForcibly();
      poll(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  /** All of them killed and replaced, one a round, for far longer than the test lasts. */
  private DemoProcess startEndlessCrash() throws Exception {
    return DemoProcess.start(folder, "crash", "--rounds", "10000", "--patience", "2", "--json");
  }

  /**
   * More than one: so there is one among them that is not about to be killed anyway. Each runs its own program: what
   * starts it must not be stopped, for its parent waits for that.
   */
  private static List<ProcessHandle> awaitSurvivors(DemoProcess demo) throws Exception {
    poll(() -> crashWorkers(demo).size() == CrashRun.WORKERS);
    List<ProcessHandle> workers = crashWorkers(demo);
    assertTrue(workers.size() > 1, workers::toString);
    return workers;
  }

  private static List<ProcessHandle> crashWorkers(DemoProcess demo) {
    String name = CrashWorker.class.getName();
    return demo.process
        .children()
        .filter(
            child ->
                child.info().arguments().filter(args -> List.of(args).contains(name)).isPresent())
        .toList();
  }

  @Test
  void survivorsThatHangAreAViolation() throws Exception {
    try (DemoProcess demo = startEndlessCrash()) {
      List<ProcessHandle> workers = awaitSurvivors(demo);
      for (ProcessHandle worker : workers) {
        new ProcessBuilder("sh", "-c", "kill -STOP " + worker.pid()).start().waitFor();
      }

      DemoProcess.Outcome outcome = demo.await();
      assertEquals(1, outcome.status(), outcome::toString);
      assertFalse(outcome.json().get("ok").getAsBoolean(), outcome::toString);
      assertTrue(outcome.err().contains("waited 2 s in vain"), outcome::toString);
      poll(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  @Test
  void survivorsDoNotOutliveAKilledParent() throws Exception {
    try (DemoProcess demo = startEndlessCrash()) {
      List<ProcessHandle> workers = awaitSurvivors(demo);
      demo.process.destroyForcibly();
      poll(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  private void assertGone(List<ProcessHandle> workers) throws Exception {
    assertFalse(Files.exists(file));
    poll(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
  }

  private static void poll(BooleanSupplier reached) throws Exception {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!reached.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not reached in time");
      Thread.sleep(1);
    }
  }
}
