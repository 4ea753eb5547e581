// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jfutex.linux.ConformanceSyscalls;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenes that the table tells in words, and what the engines promise beyond it. A method is named after its row. */
class ConformanceScenesTest {
  /** The rows that are played here. */
  static final Set<String> ROWS =
      Set.of("GVU-14", "GVS-29", "GVS-32", "GVS-35", "KSF-31", "KSF-41", "LTP-05");

  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;
  private static final int ALL = Integer.MAX_VALUE;
  private static final long PATIENCE_SECONDS = 60;

  private final List<ConformanceActor> actors = new ArrayList<>();
  private FutexEngine engine;
  private ConformanceWorld world;

  static Stream<Arguments> everywhere() {
    return ConformanceSubject.all().stream()
        .flatMap(
            subject -> Stream.of("shared", "private").map(kind -> Arguments.of(subject, kind)));
  }

  static Stream<Arguments> inTheKernel() {
    return everywhere().filter(a -> ((ConformanceSubject) a.get()[0]).isKernel());
  }

  private void open(ConformanceSubject subject, String kind) throws IOException {
    engine = subject.engine();
    world = ConformanceWorld.create(kind, "file");
  }

  @AfterEach
  void close() throws IOException {
    actors.forEach(ConformanceActor::exit);
    world.close(engine);
  }

  private ConformanceActor actor(ConformanceSubject subject, String name) {
    ConformanceActor actor = new ConformanceActor(name, subject, engine);
    actors.add(actor);
    return actor;
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(10_000);
    }
  }

  private void awaitBlocked(ConformanceActor actor) {
    await(actor.name() + " blocks", () -> actor.isSettled(world::contains));
    assertNull(actor.result(), actor.name() + " is blocked");
  }

  private static void together(int threads, Callable<Void> task) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CompletionService<Void> tasks = new ExecutorCompletionService<>(pool);
      CyclicBarrier start = new CyclicBarrier(threads);
      for (int i = 0; i < threads; i++) {
        tasks.submit(
            () -> {
              start.await();
              return task.call();
            });
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (int i = 0; i < threads; i++) {
        // In the order in which they end: one that fails may leave the others waiting.
        Future<Void> ended = tasks.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertNotNull(ended, (threads - i) + " of " + threads + " threads hang");
        ended.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void gvu14AMutexOfTwoStates(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    int[] plain = new int[1];
    together(
        10,
        () -> {
          for (int i = 0; i < 1_000; i++) {
            while (!word.compareAndSet(0, 1)) {
              int answer = engine.wait(word, 1, ANY, Deadline.NONE, false);
              assertTrue(answer == 0 || answer == -Errno.EAGAIN, "answer " + answer);
            }
            int before = plain[0];
            Thread.yield();
            plain[0] = before + 1;
            word.setRelease(0);
            engine.wake(word, ALL, ANY);
          }
          return null;
        });
    assertEquals(10_000, plain[0]);
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void gvs29ManyLockAndUnlock(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    together(
        20,
        () -> {
          for (int i = 0; i < 50; i++) {
            assertEquals(0, engine.lockPi(word, Deadline.NONE, false));
            checkOwned(word);
            Thread.yield();
            checkOwned(word);
            assertEquals(0, engine.unlockPi(word));
          }
          return null;
        });
    assertEquals(0, word.getVolatile());
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void gvs32ManyTryToLock(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    together(
        10,
        () -> {
          for (int i = 0; i < 200; i++) {
            int answer;
            while ((answer = engine.tryLockPi(word)) != 0) {
              assertEquals(-Errno.EAGAIN, answer);
              Thread.yield();
            }
            checkOwned(word);
            Thread.yield();
            assertEquals(0, engine.unlockPi(word));
          }
          return null;
        });
    assertEquals(0, word.getVolatile());
  }

  private void checkOwned(FutexWord word) {
    assertEquals(engine.currentTid(), word.getVolatile() & LinuxAbi.FUTEX_TID_MASK);
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("inTheKernel")
  void gvs35EveryThreadHasItsRobustList(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    ConformanceActor other = actor(subject, "other");
    other.begin(() -> 0);
    await("other lives", () -> other.result() != null);
    long own = ConformanceRobustList.head(subject.syscalls(), 0);
    assertEquals(own, ConformanceRobustList.head(subject.syscalls(), engine.currentTid()));
    assertNotEquals(own, ConformanceRobustList.head(subject.syscalls(), other.tid()));
  }

  /** The owner ends while others begin to wait for it. Nobody may hang, whoever saw what. */
  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void ksf31TheOwnerEndsWhileTheLockIsAskedFor(ConformanceSubject subject, String kind)
      throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    for (int i = 0; i < 100; i++) {
      ConformanceActor owner = new ConformanceActor("owner", subject, engine);
      owner.begin(() -> engine.lockPi(word, Deadline.NONE, false));
      await("owner owns", () -> owner.result() != null);
      assertEquals(0, owner.result());
      ConformanceActor waiter = new ConformanceActor("waiter", subject, engine);
      owner.exit();
      waiter.begin(() -> engine.lockPi(word, Deadline.NONE, false));
      await("round " + i + ": the waiter returns", () -> waiter.result() != null);
      // ESRCH: it was gone before the kernel, or the engine, could attach anybody to it.
      assertTrue(
          waiter.result() == 0 || waiter.result() == -Errno.ESRCH,
          () -> ConformanceExpectation.show(waiter.result()));
      waiter.exit();
      owner.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      waiter.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      word.setVolatile(0);
    }
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("inTheKernel")
  void ksf41ACircularRobustListEnds(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    ConformanceActor holder = actor(subject, "holder");
    holder.begin(
        () ->
            ConformanceRobustList.holdInCircle(subject.syscalls(), world, List.of("A", "B", "C")));
    await("the list is registered", () -> holder.result() != null);
    assertEquals(0, holder.result());
    holder.exit();
    await("the thread ends", () -> !ConformanceProc.exists(holder.tid()));
    for (String word : List.of("A", "B", "C")) {
      assertEquals(LinuxAbi.FUTEX_OWNER_DIED, world.load(word));
    }
  }

  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("everywhere")
  void ltp05NoWaitEndsEarly(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    FutexWord held = world.word("B");
    ConformanceActor holder = actor(subject, "holder");
    holder.begin(() -> engine.lockPi(held, Deadline.NONE, false));
    await("held", () -> holder.result() != null);
    for (long micros : List.of(0L, 50L, 1_000L, 2_345L, 10_000L, 30_000L)) {
      assertTimesOut(micros, d -> engine.wait(word, 0, ANY, d, false));
      assertTimesOut(micros, d -> engine.wait(word, 0, ANY, d, true));
      assertTimesOut(micros, d -> engine.wait(word, 0, 1, d, true));
      assertTimesOut(micros, d -> engine.waitAny(new FutexWord[] {word}, new int[] {0}, d, false));
      assertTimesOut(micros, d -> engine.waitAny(new FutexWord[] {word}, new int[] {0}, d, true));
      assertTimesOut(micros, d -> engine.lockPi(held, d, false));
      assertTimesOut(micros, d -> engine.waitRequeuePi(word, 0, held, d));
    }
  }

  private interface Timed {
    int until(long deadline);
  }

  private static void assertTimesOut(long micros, Timed wait) {
    long start = System.nanoTime();
    int answer = wait.until(Deadline.after(micros, TimeUnit.MICROSECONDS));
    long elapsed = System.nanoTime() - start;
    assertEquals(-Errno.ETIMEDOUT, answer);
    assertTrue(
        elapsed >= TimeUnit.MICROSECONDS.toNanos(micros),
        elapsed + " ns, expected at least " + micros + " us");
  }

  /** The row LTP-07 has the system call answer EINTR; the engine does not. */
  @ParameterizedTest(name = "{0}, {1} words")
  @MethodSource("inTheKernel")
  void aSignalEndsNoWait(ConformanceSubject subject, String kind) throws Exception {
    open(subject, kind);
    FutexWord word = world.word("A");
    FutexWord held = world.word("B");
    assertEquals(0, engine.lockPi(held, Deadline.NONE, false));
    long distant = Deadline.after(1, TimeUnit.HOURS);
    FutexWord[] words = {word};
    int[] values = {0};
    List<ConformanceActor> signalled = new ArrayList<>();
    for (long deadline : new long[] {Deadline.NONE, distant}) {
      for (boolean interruptible : new boolean[] {false, true}) {
        signalled.add(begun(subject, () -> engine.wait(word, 0, ANY, deadline, interruptible)));
        signalled.add(begun(subject, () -> engine.waitAny(words, values, deadline, interruptible)));
      }
    }
    signalled.add(begun(subject, () -> engine.lockPi(held, Deadline.NONE, false)));
    for (ConformanceActor actor : signalled) {
      ConformanceSyscalls.signal(subject.syscalls(), actor.tid());
    }
    signalled.forEach(this::awaitBlocked);
    assertEquals(signalled.size() - 1, engine.wake(word, ALL, ANY));
    assertEquals(0, engine.unlockPi(held));
    for (ConformanceActor actor : signalled) {
      await(actor.name() + " returns", () -> actor.result() != null);
      assertEquals(0, actor.result());
    }
  }

  private ConformanceActor begun(ConformanceSubject subject, java.util.function.IntSupplier call) {
    ConformanceActor actor = actor(subject, "signalled-" + actors.size());
    actor.begin(call);
    awaitBlocked(actor);
    return actor;
  }
}
