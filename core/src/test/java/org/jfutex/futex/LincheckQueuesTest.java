// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The in-JVM queues are linearizable: whatever several threads did, one after the other could have done it. */
class LincheckQueuesTest {
  /**
   * The races that the code is about, a thread between two bars; see {@link LincheckWaiters.Moves}. Chosen, because
   * model checking takes a millisecond for each interleaving, and few scenarios made at random are one of these.
   */
  private static final List<String> RACES =
      List.of(
          "prepare 0, complete | wake 0 1",
          "prepare 0, complete | requeue 0 0",
          "prepare 0, complete | requeue 0 0, wake 1 1",
          "prepare 0, complete | requeue 0 0, requeue 1 0",
          "prepare 0, complete, prepare 0 | requeue 0 1, wake 0 1",
          "prepare 0, requeue 0 0, complete | prepare 1, requeue 1 0, complete",
          "prepare 0, complete | prepare 0, complete | requeue 0 1",
          "prepare 0, complete | wake 0 1 | requeue 0 0, wake 1 1",
          "prepare 0, complete | requeue 0 0 | requeue 1 0");

  /** Lincheck leaves a jar in the temporary folder. The one of this JVM is open, and others have theirs. */
  @AfterAll
  static void deleteWhatIsLeftBehind() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
    for (File open : new File("/proc/self/fd").listFiles()) {
      Path file = open.getCanonicalFile().toPath();
      if (temporary.equals(file.getParent())
          && file.getFileName().toString().startsWith("lincheck-bootstrap")) {
        Files.deleteIfExists(file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {LincheckWaiters.Moves.class, LincheckWaiters.Values.class})
  void underStress(Class<?> operations) {
    new StressOptions()
        .threads(LincheckWaiters.THREADS)
        .actorsPerThread(4)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(20)
        .invocationsPerIteration(300)
        .sequentialSpecification(LincheckSpecification.class)
        .check(operations);
  }

  @Test
  void inManyInterleavings() {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(0)
            .invocationsPerIteration(400)
            .loopIterationsBeforeThreadSwitch(1)
            .addGuarantee(
                // Nothing of these is under test; every access is one step.
                ManagedStrategyGuaranteeKt.forClasses(
                        FutexWord.class.getName(), MappedMemory.class.getName())
                    .allMethods()
                    .treatAsAtomic())
            .sequentialSpecification(LincheckSpecification.class);
    RACES.forEach(race -> options.addCustomScenario(scenario(race)));
    options.check(LincheckWaiters.Moves.class);
  }

  private static ExecutionScenario scenario(String race) {
    List<List<Actor>> threads = new ArrayList<>();
    for (String thread : race.split("\\|")) {
      int index = threads.size();
      threads.add(
          Arrays.stream(thread.split(","))
              .map(call -> actor(index, call.strip()))
              .collect(Collectors.toList()));
    }
    return new ExecutionScenario(List.of(), threads, List.of(), null);
  }

  private static Actor actor(int thread, String text) {
    String[] words = text.split(" ");
    Method method =
        Arrays.stream(LincheckWaiters.Moves.class.getDeclaredMethods())
            .filter(m -> m.getName().equals(words[0]))
            .findFirst()
            .orElseThrow();
    List<Object> arguments = new ArrayList<>();
    if (words[0].equals("prepare") || words[0].equals("complete")) {
      arguments.add(thread);
    }
    Arrays.stream(words).skip(1).map(Integer::valueOf).forEach(arguments::add);
    return new Actor(method, arguments);
  }
}
