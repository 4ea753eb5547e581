// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads and processes hand a token around, and count under mutexes, thousands of times: a lost wake-up hangs. */
class ConformanceHandOverTest {
  private static final int PLACES = 4;
  private static final int ROUNDS = 4_000;
  private static final int WAITERS = 3;
  private static final int MAX_MICROS = 100;
  private static final long RACE_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;
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
      assertTrue(play.slept() > ROUNDS, () -> "slept only " + play.slept() + " times");
      assertEquals(PLACES * ROUNDS, play.count());
      assertEquals(PLACES * ROUNDS, play.countUnderPi());
    } finally {
      world.close(engine);
    }
  }

  /**
   * Waiters whose time is up, wakers and movers run into each other. However that ends: as many waits were woken as
   * wakes say they woke.
   */
  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void everyWakeWakesSomebody(ConformanceSubject subject, String kind) throws Exception {
    FutexEngine engine = subject.engine();
    ConformanceWorld world = ConformanceWorld.create(kind, "file");
    FutexWord[] words = {world.word("A"), world.word("B")};
    LongAdder woken = new LongAdder();
    LongAdder wakes = new LongAdder();
    long end = System.nanoTime() + RACE_NANOS;
    List<Callable<Void>> racers = new ArrayList<>();
    for (int i = 0; i < WAITERS; i++) {
      FutexWord word = words[i % 2];
      racers.add(
          () -> {
            SplittableRandom random = new SplittableRandom();
            while (System.nanoTime() - end < 0) {
              long deadline = Deadline.after(random.nextInt(MAX_MICROS), TimeUnit.MICROSECONDS);
              int answer = engine.wait(word, 0, ANY, deadline, random.nextBoolean());
              assertTrue(answer == 0 || answer == -Errno.ETIMEDOUT, () -> "answer " + answer);
              woken.add(answer == 0 ? 1 : 0);
            }
            return null;
          });
    }
    racers.add(
        () -> {
          SplittableRandom random = new SplittableRandom();
          while (System.nanoTime() - end < 0) {
            int from = random.nextInt(2);
            switch (random.nextInt(3)) {
              case 0 -> wakes.add(engine.wake(words[from], 1, ANY));
              case 1 -> engine.requeue(words[from], words[1 - from], 0, 1);
              default -> engine.compareRequeue(words[from], 0, words[1 - from], 0, 2);
            }
          }
          return null;
        });
    try {
      run(racers);
      assertEquals(wakes.sum(), woken.sum());
      assertTrue(woken.sum() > 0);
      for (FutexWord word : words) {
        assertEquals(0, engine.wake(word, 1, ANY), "nobody is left");
      }
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
    List<Callable<Void>> players = new ArrayList<>();
    for (int place = from; place < to; place++) {
      int here = place;
      players.add(
          () -> {
            play.play(here, PLACES, ROUNDS);
            return null;
          });
    }
    run(players);
  }

  private static void run(List<Callable<Void>> tasks) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
    try {
      CompletionService<Void> running = new ExecutorCompletionService<>(pool);
      tasks.forEach(running::submit);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (int i = 0; i < tasks.size(); i++) {
        // In the order in which they end: one that fails may leave the others waiting.
        Future<Void> ended = running.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertNotNull(ended, (tasks.size() - i) + " of " + tasks.size() + " threads hang");
        ended.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
