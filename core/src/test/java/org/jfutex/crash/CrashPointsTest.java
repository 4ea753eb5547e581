// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A death at every step of every protocol: {@link CrashScenes}.
 *
 * <p>{@code mvn verify} tries every step, but of what is long and much like something else one of five, by a seed that
 * it prints; {@code -Djfutex.crash.points=1}, as the profile {@code soak} has it, all of them. {@code
 * -Djfutex.crash.scenes=semaphore/} plays those of one primitive alone.
 */
class CrashPointsTest {
  private static final int STRIDE = Integer.getInteger("jfutex.crash.points", 5);

  /** How many of the points are tried with a process as well. */
  private static final int PROCESSES = Integer.getInteger("jfutex.crash.processes", 8);

  private static final Random RANDOM =
      new Random(Long.getLong("jfutex.crash.seed", System.nanoTime()));
  private static final int AT_ONCE = 2;

  /** So that no process keeps the stacks of more than some hundred dead threads. */
  private static final int SWEEPS = STRIDE > 1 ? AT_ONCE : 8;

  private static final long SWEEP_MINUTES = 10;

  /** What makes up for a lost wake-up is not what is measured. */
  private static final String QUICK_HEALING = "-Djfutex.healing=20";

  private static final String SCENES =
      "-D" + CrashScenes.PROPERTY + "=" + System.getProperty(CrashScenes.PROPERTY, "");

  private static CrashSeam seam;

  /** One line of a sweep. */
  private record Swept(CrashScene scene, int tried, int steps) {
    static Swept of(String line) {
      String[] word = line.split(" ");
      return new Swept(
          CrashScenes.of(word[0]), Integer.parseInt(word[1]), Integer.parseInt(word[2]));
    }
  }

  /** A play with a process. */
  private record Point(CrashScene scene, int step) {}

  @BeforeAll
  static void compile() throws Exception {
    seam = new CrashSeam();
  }

  @AfterAll
  static void delete() throws Exception {
    seam.close();
  }

  @Test
  void survivorsGoOnWhereverAThreadOrAProcessDies() {
    int seed = RANDOM.nextInt(1000);
    List<Swept> swept = Collections.synchronizedList(new ArrayList<>());
    inParallel(SWEEPS, process -> swept.addAll(sweep(process, seed)));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      Swept one = swept.get(RANDOM.nextInt(swept.size()));
      points.add(new Point(one.scene, 1 + RANDOM.nextInt(one.steps)));
    }
    inParallel(points.size(), i -> playWithProcess(points.get(i)));
    report(swept, seed);
  }

  @Test
  void survivorsGoOnWhereverAProcessDies() {
    List<CrashScene> scenes = CrashScenes.ALL.stream().filter(CrashScene::isOfProcess).toList();
    inParallel(
        scenes.size(),
        i -> {
          int every = scenes.get(i).isSampled() ? STRIDE : 1;
          int step = 1 + RANDOM.nextInt(every);
          int tried = 0;
          while (playWithProcess(new Point(scenes.get(i), step))) {
            step += every;
            tried++;
          }
          System.out.println(
              "crash points, " + survived(CrashScenes.idOf(scenes.get(i)), tried) + ", processes");
        });
  }

  @Test
  void aSleeperThatIsKilledHoldsUpNobody() {
    List<Point> points = new ArrayList<>();
    CrashScenes.ALL.stream()
        .filter(CrashScene::canDieAsleep)
        .forEach(scene -> points.add(new Point(scene, CrashPlay.ASLEEP)));
    Collections.shuffle(points, RANDOM);
    int tried = Math.min(points.size(), STRIDE == 1 ? Integer.MAX_VALUE : 4);
    inParallel(tried, i -> assertTrue(playWithProcess(points.get(i))));
    System.out.println("killed asleep: " + tried + " tried, " + tried + " survived");
  }

  private static void report(List<Swept> swept, int seed) {
    Map<String, Integer> tried = new TreeMap<>();
    for (Swept each : swept) {
      tried.merge(each.scene.primitive(), each.tried, Integer::sum);
      if (STRIDE == 1) {
        tried.merge(CrashScenes.idOf(each.scene), each.tried, Integer::sum);
      }
    }
    tried.forEach((what, n) -> System.out.println("crash points, " + survived(what, n)));
    int all = swept.stream().mapToInt(Swept::tried).sum();
    System.out.println(
        survived("crash points", all)
            + "; "
            + PROCESSES
            + " of them as processes; one of "
            + STRIDE
            + ", seed "
            + seed);
  }

  private static String survived(String what, int tried) {
    return what + ": " + tried + " tried, " + tried + " survived";
  }

  private static List<Swept> sweep(int process, int seed) {
    try (TestMemory memory = new TestMemory();
        CrashJvm jvm =
            CrashJvm.start(
                List.of(QUICK_HEALING, SCENES),
                classPath(),
                CrashSweep.class,
                memory.path().toString(),
                Integer.toString(process),
                Integer.toString(SWEEPS),
                Integer.toString(seed),
                Integer.toString(STRIDE))) {
      boolean ended = jvm.process.waitFor(SWEEP_MINUTES, TimeUnit.MINUTES);
      List<String> lines = jvm.output().lines().toList();
      if (!ended || lines.isEmpty() || !lines.get(lines.size() - 1).equals("swept")) {
        throw new AssertionError("a sweep, seed " + seed + ": " + jvm.output());
      }
      return lines.subList(0, lines.size() - 1).stream().map(Swept::of).toList();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * @return whether it died
   */
  private static boolean playWithProcess(Point point) {
    List<CrashJvm> started = new ArrayList<>();
    try (TestMemory memory = new TestMemory()) {
      CrashStage stage = new CrashStage(memory.memory(), memory.path());
      CrashPlay.Casting casting =
          (where, scene, step) -> {
            CrashJvm jvm =
                CrashJvm.start(
                    List.of(),
                    classPath(),
                    CrashVictim.class,
                    memory.path().toString(),
                    CrashScenes.idOf(scene),
                    Integer.toString(step));
            started.add(jvm);
            return victim(jvm);
          };
      return new CrashPlay(stage, point.scene, casting, point.step).play();
    } catch (AssertionError e) {
      started.forEach(jvm -> System.out.println(jvm.output()));
      throw e;
    } finally {
      started.forEach(CrashJvm::close);
    }
  }

  private static CrashPlay.Victim victim(CrashJvm jvm) {
    return new CrashPlay.Victim() {
      @Override
      public long pid() {
        return jvm.process.pid();
      }

      @Override
      public boolean isGone() {
        return !jvm.process.isAlive();
      }

      @Override
      public void kill() {
        jvm.kill();
      }
    };
  }

  private static String classPath() {
    return seam.folder() + File.pathSeparator + CrashJvm.classPath();
  }

  private static void inParallel(int runs, IntConsumer run) {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        int number = i;
        results.add(threads.submit(() -> run.accept(number)));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
