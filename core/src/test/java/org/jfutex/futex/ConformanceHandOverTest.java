// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads and processes hand a token around, and count under mutexes, thousands of times: a lost wake-up hangs. */
class ConformanceHandOverTest {
  private static final int PLACES = 4;
  private static final int ROUNDS = 3_000;
  private static final long PATIENCE_SECONDS = 120;

  static Stream<Arguments> everywhere() {
    return ConformanceScenesTest.everywhere();
  }

  static Stream<Arguments> kernels() {
    return ConformanceSubject.all().stream()
        .filter(ConformanceSubject::isKernel)
        .map(Arguments::of);
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void threads(ConformanceSubject subject, String kind) throws Exception {
    FutexEngine engine = subject.engine();
    ConformanceWorld world = ConformanceWorld.create(kind, "file");
    try {
      ConformanceHandOver play = new ConformanceHandOver(engine, world);
      play(play, 0, PLACES);
      assertEquals(PLACES * ROUNDS, play.count());
      assertEquals(PLACES * ROUNDS, play.countUnderPi());
    } finally {
      world.close(engine);
    }
  }

  /** Two places in this JVM, and two in JVMs of their own. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("kernels")
  void processes(ConformanceSubject subject) throws Exception {
    FutexEngine engine = subject.engine();
    ConformanceWorld world = ConformanceWorld.create("shared", "file");
    List<Process> children = new ArrayList<>();
    try {
      for (int place = 2; place < PLACES; place++) {
        children.add(start(subject, world, place));
      }
      ConformanceHandOver play = new ConformanceHandOver(engine, world);
      play(play, 0, 2);
      for (Process child : children) {
        assertTrue(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "a child hangs");
        assertEquals(0, child.exitValue());
      }
      assertEquals(PLACES * ROUNDS, play.count());
      assertEquals(PLACES * ROUNDS, play.countUnderPi());
    } finally {
      children.forEach(Process::destroyForcibly);
      world.close(engine);
    }
  }

  private static Process start(ConformanceSubject subject, ConformanceWorld world, int place)
      throws Exception {
    return new ProcessBuilder(
            ConformancePeers.command(
                ConformanceHandOver.class,
                subject.syscalls().name(),
                world.path().toString(),
                "" + place,
                "" + PLACES,
                "" + ROUNDS))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void play(ConformanceHandOver play, int from, int to) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(to - from);
    try {
      List<Future<?>> players = new ArrayList<>();
      for (int place = from; place < to; place++) {
        int here = place;
        players.add(pool.submit(() -> play.play(here, PLACES, ROUNDS)));
      }
      for (Future<?> player : players) {
        player.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
