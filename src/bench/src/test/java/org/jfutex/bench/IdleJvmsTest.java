// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM that has ended its task well has another one, and has nothing left of the first one then. */
class IdleJvmsTest {
  /** No other test has such a JVM. */
  private static final ChildJvm JVM = new ChildJvm("jna").withHealing(321);

  private static final Set<String> OF_TASKS =
      Set.of("task", "sleeper", "partner", "consumer", "on CPU 0");

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @BeforeAll
  static void areKept() {
    assertTrue(IdleJvms.areKept(), "the build is to say -D" + IdleJvms.PROPERTY + "=true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "blocked-trip FILE 0 100",
        "hand-off FILE LockSupport 0 0",
        "hand-off FILE Condition 0 0",
        "hand-off FILE event 0 0",
        "hand-off FILE doorbell 0 0",
        "hand-off FILE barrier 0 0 0",
        "hand-off FILE CyclicBarrier 0 0 0",
        "threads FILE semaphore 0 0",
        "idle-read FILE 0",
        "idle-spin FILE 0",
        "interrupted-wait FILE 0 50 0 0",
        "interrupted-park 50 0 0",
        "allocation kernel hand-off",
        "allocation in-jvm hand-off-requeued",
        "mutex-allocation 0 hand-off",
        "mutex-allocation 48 hand-off",
        "mutex-allocation 0 condition"
      })
  void nothingIsLeftOfATask(String task) throws IOException {
    Assumptions.assumeTrue(Cpus.canPin(), "nothing to pin with");
    ChildProcess jvm = after(task);
    assertSame(jvm, after("empty-wake FILE 0"));
    assertTrue(jvm.isAlive());
    await(() -> threads(jvm).stream().noneMatch(OF_TASKS::contains), () -> threads(jvm).toString());
  }

  private static void await(BooleanSupplier state, Supplier<String> found) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!state.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, found);
      Thread.onSpinWait();
    }
  }

  /** The JVM that has done it. */
  private static ChildProcess after(String task) throws IOException {
    try (SharedFile file = new SharedFile();
        Child child = new Child(command(task, file)).ready()) {
      assertTrue(child.slice(1).value() >= 0);
    }
    ChildProcess jvm = IdleJvms.take(JVM.command()).orElseThrow();
    IdleJvms.keep(JVM.command(), jvm);
    return jvm;
  }

  private static List<String> command(String task, SharedFile file) {
    return JVM.command(task.replace("FILE", file.path().toString()).split(" "));
  }

  private static List<String> threads(ChildProcess jvm) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + jvm.pid() + "/task"))) {
      List<String> names = new ArrayList<>();
      for (Path task : tasks.toList()) {
        names.add(Files.readString(task.resolve("comm")).trim());
      }
      return names;
    } catch (IOException e) {
      return List.of("one that has just ended");
    }
  }

  @Test
  void whatHasFailedIsNotUsedAgain() throws IOException {
    ChildProcess jvm = after("empty-wake FILE 0");
    try (SharedFile file = new SharedFile()) {
      assertThrows(IOException.class, () -> new Child(command("no-such-task", file)).ready());
    }
    assertEquals(Optional.empty(), IdleJvms.take(JVM.command()));
    await(() -> !jvm.isAlive(), () -> "it is still alive");
  }

  /** One that answers, and then says something else. */
  @Test
  void whatAnswersSomethingOddIsEnded() throws IOException {
    List<String> odd = List.of("sh", "-c", "echo ready; read slice; echo one two; read slice");
    try (Child child = new Child(odd).ready()) {
      IOException failure = assertThrows(IOException.class, () -> child.slice(1));
      assertTrue(failure.getMessage().startsWith("found 'one two', expected"));
    }
  }
}
