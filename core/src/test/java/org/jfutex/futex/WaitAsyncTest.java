// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.TruncatedMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Futures that wait for words: each is told, none takes what is another's, and nothing of them stays. */
class WaitAsyncTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int MANY = 300;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    Eventually.until("nobody waits any more", () -> waits(test.memory()) == 0);
    test.close();
  }

  private static long waits(MappedMemory memory) {
    return FUTEXES.waits().stream().filter(w -> w.word().memory() == memory).count();
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("jfutex-watch-"))
        .count();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS))
        .getCause();
  }

  private static void awaitWatched(FutexWord word) {
    Eventually.until(
        "somebody waits for " + word,
        () -> FUTEXES.waits().stream().anyMatch(w -> w.word().key().equals(word.key())));
  }

  @ParameterizedTest
  @EnumSource
  void isToldOfAChangeAndOfAWake(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 0);
    assertEquals(WaitResult.VALUE_CHANGED, get(FUTEXES.waitAsync(word, 1)));
    CompletableFuture<WaitResult> change = FUTEXES.waitAsync(word, 0);
    word.setVolatile(1);
    FUTEXES.wake(word, 1);
    assertEquals(WaitResult.WOKEN, get(change));
  }

  @Tag(Polled.NOT)
  @ParameterizedTest
  @EnumSource
  void aWakeWithoutAChangeReachesOne(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 0);
    CompletableFuture<WaitResult> first = FUTEXES.waitAsync(word, 0);
    CompletableFuture<WaitResult> second = FUTEXES.waitAsync(word, 0);
    Eventually.until("woken", () -> FUTEXES.wake(word, 1) == 1);
    assertEquals(WaitResult.WOKEN, get(first));
    assertFalse(second.isDone());
    Eventually.until("woken", () -> FUTEXES.wake(word, 1) == 1);
    assertEquals(WaitResult.WOKEN, get(second));
  }

  @ParameterizedTest
  @EnumSource
  void manyWordsThatChangeAtOnceAllTell(Words words) throws Exception {
    List<CompletableFuture<WaitResult>> futures = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      futures.add(FUTEXES.waitAsync(words.at(test.memory(), 4L * i), 0));
    }
    int threads = words == Words.SHARED ? 3 : 0;
    assertTrue(watchers() <= threads + 1, watchers() + " threads, expected " + threads);
    for (int i = 0; i < MANY; i++) {
      words.at(test.memory(), 4L * i).setVolatile(1);
    }
    for (int i = 0; i < MANY; i++) {
      FUTEXES.wake(words.at(test.memory(), 4L * i), FutexManager.ALL);
    }
    for (CompletableFuture<WaitResult> future : futures) {
      assertEquals(WaitResult.WOKEN, get(future));
    }
    Eventually.until("no threads", () -> watchers() == 0);
  }

  /** What is changed while the others are told is not overlooked. */
  @Test
  void eachOfManyIsToldInItsTurn() throws Exception {
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < MANY; i += 7) {
        FutexWord word = test.memory().word(4L * i);
        CompletableFuture<WaitResult> future = FUTEXES.waitAsync(word, round);
        word.setVolatile(round + 1);
        FUTEXES.wake(word, 1);
        assertEquals(WaitResult.WOKEN, get(future));
      }
    }
  }

  @Tag(Polled.NOT)
  @Test
  void anotherProcessTellsIt() throws Exception {
    FutexWord first = test.shared(0);
    FutexWord second = test.shared(1);
    CompletableFuture<WaitResult> change = FUTEXES.waitAsync(first, 0);
    CompletableFuture<WaitResult> unwoken = FUTEXES.waitAsync(second, 0);
    ChildJvm.Ended ended = ChildJvm.run(List.of(), WaitAsyncTest.class, test.path().toString());
    assertEquals(0, ended.status(), ended.output());
    assertEquals(WaitResult.WOKEN, get(change));
    assertEquals(WaitResult.WOKEN, get(unwoken), "seen without a wake");
  }

  /** The other process: changes two words, and wakes for one. */
  public static void main(String[] arguments) throws IOException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    memory.word(64).setVolatile(1);
    memory.word(0).setVolatile(1);
    FUTEXES.wake(memory.word(0), 1); // nobody, if who waits looks again by itself just then
  }

  @ParameterizedTest
  @EnumSource
  void whoeverCompletesItEndsTheWait(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 0);
    CompletableFuture<WaitResult> cancelled = FUTEXES.waitAsync(word, 0);
    assertTrue(cancelled.cancel(false));
    CompletableFuture<WaitResult> timed = FUTEXES.waitAsync(word, 0);
    timed.orTimeout(1, TimeUnit.MILLISECONDS);
    assertInstanceOf(TimeoutException.class, failure(timed));
    CompletableFuture<WaitResult> answered = FUTEXES.waitAsync(word, 0);
    answered.completeOnTimeout(WaitResult.TIMED_OUT, 1, TimeUnit.MILLISECONDS);
    assertEquals(WaitResult.TIMED_OUT, get(answered));
    CompletableFuture<WaitResult> failed = FUTEXES.waitAsync(word, 0);
    assertTrue(failed.completeExceptionally(new IOException()));
    assertInstanceOf(IOException.class, failure(failed));
    CompletableFuture<WaitResult> supplied = FUTEXES.waitAsync(word, 0);
    supplied.completeAsync(() -> WaitResult.INTERRUPTED);
    assertEquals(WaitResult.INTERRUPTED, get(supplied));
    CompletableFuture<WaitResult> obtruded = FUTEXES.waitAsync(word, 0);
    obtruded.obtrudeValue(WaitResult.TIMED_OUT);
    obtruded.obtrudeException(new IOException());
    FUTEXES.waitAsync(word, 0).obtrudeException(new IOException());
    Eventually.until("nobody waits", () -> waits(test.memory()) == 0);
    assertEquals(0, FUTEXES.wake(word, 1));
  }

  /** By several at once, and again: it leaves once. */
  @ParameterizedTest
  @EnumSource
  void whoeverCompletesItToo(Words words) {
    FutexWord word = words.at(test.memory(), 0);
    for (int round = 0; round < 300; round++) {
      CompletableFuture<WaitResult> future = FUTEXES.waitAsync(word, 0);
      Actor<Boolean> canceller = Actor.start(() -> future.cancel(false));
      future.obtrudeValue(WaitResult.TIMED_OUT);
      canceller.result();
    }
    Eventually.until("nobody waits", () -> waits(test.memory()) == 0);
  }

  /** What runs on the thread that tells one may cancel another of those that were woken together. */
  @ParameterizedTest
  @EnumSource
  void oneMayCancelAnother(Words words) throws Exception {
    try (TestMemory own = new TestMemory()) {
      FutexWord word = words.at(own.memory(), 0);
      FutexWord other = words.at(own.memory(), 8);
      List<CompletableFuture<WaitResult>> futures = new ArrayList<>();
      for (FutexWord each : List.of(word, word, other, other)) {
        CompletableFuture<WaitResult> future = FUTEXES.waitAsync(each, 0, Runnable::run);
        future.whenComplete((result, failure) -> futures.forEach(another -> another.cancel(false)));
        futures.add(future);
      }
      word.setVolatile(1);
      Actor.start(() -> FUTEXES.wake(word, 2)).result();
      for (CompletableFuture<WaitResult> future : futures) {
        Eventually.until("completed", future::isDone);
      }
      CompletableFuture<WaitResult> last = FUTEXES.waitAsync(other, 0, Runnable::run);
      CompletableFuture<WaitResult> lastButOne = FUTEXES.waitAsync(other, 0, Runnable::run);
      last.whenComplete((result, failure) -> lastButOne.cancel(false));
      lastButOne.whenComplete((result, failure) -> last.cancel(false));
      Actor.start(
              () -> {
                own.memory().close();
                return null;
              })
          .result();
      Eventually.until("completed", () -> last.isDone() && lastButOne.isDone());
    }
  }

  /** A wake that took a future is not lost where that was cancelled: a thread that waits, too, gets it. */
  @Tag(Polled.NOT)
  @ParameterizedTest
  @EnumSource
  void aWakeForACancelledOneIsPassedOn(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 0);
    for (int round = 0; round < 300; round++) {
      CompletableFuture<WaitResult> future = FUTEXES.waitAsync(word, 0);
      Actor<WaitResult> thread =
          Actor.start(
              () ->
                  FUTEXES.wait(
                      word, 0, FutexManager.ANY_BIT, Deadline.after(60, TimeUnit.SECONDS)));
      thread.awaitBlocked(FUTEXES);
      Actor<Boolean> canceller = Actor.start(() -> future.cancel(false));
      boolean woken = FUTEXES.wake(word, 1) == 1;
      assertTrue(woken);
      if (canceller.result()) {
        assertEquals(WaitResult.WOKEN, thread.result());
      } else {
        get(future);
        FUTEXES.wake(word, 1);
        assertEquals(WaitResult.WOKEN, thread.result());
      }
    }
    Eventually.until("nobody waits", () -> waits(test.memory()) == 0);
  }

  @ParameterizedTest
  @EnumSource
  void closingTheMemoryTellsItsFuturesAndNoOthers(Words words) throws Exception {
    FutexWord other = test.shared(0);
    try (TestMemory closed = new TestMemory()) {
      FutexWord word = words.at(closed.memory(), 0);
      CompletableFuture<WaitResult> staying = FUTEXES.waitAsync(other, 0);
      List<CompletableFuture<WaitResult>> futures = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        futures.add(FUTEXES.waitAsync(word, 0));
      }
      awaitWatched(word);
      closed.memory().close();
      for (CompletableFuture<WaitResult> future : futures) {
        assertInstanceOf(ClosedMemoryException.class, failure(future));
      }
      assertThrows(ClosedMemoryException.class, () -> FUTEXES.waitAsync(word, 0));
      assertFalse(staying.isDone());
      other.setVolatile(1);
      FUTEXES.wake(other, 1);
      assertEquals(WaitResult.WOKEN, get(staying));
    }
  }

  /** Often: compiled code that read the word itself would throw late, in the midst of what concerns the others. */
  @Tag(Polled.NOT)
  @Test
  void aTruncatedFileTellsItsFuturesAndNoOthers() throws Exception {
    FutexWord other = test.shared(0);
    CompletableFuture<WaitResult> staying = FUTEXES.waitAsync(other, 0);
    for (int round = 0; round < 2000; round++) {
      try (TestMemory truncated = new TestMemory()) {
        FutexWord word = truncated.memory().word(8192);
        CompletableFuture<WaitResult> future = FUTEXES.waitAsync(word, 0);
        awaitWatched(word);
        try (FileChannel file = FileChannel.open(truncated.path(), StandardOpenOption.WRITE)) {
          file.truncate(4096);
        }
        CompletableFuture<WaitResult> nudge = FUTEXES.waitAsync(test.shared(1), 0);
        assertInstanceOf(TruncatedMemoryException.class, failure(future));
        nudge.cancel(false);
      }
    }
    assertFalse(staying.isDone());
    staying.cancel(false);
    Eventually.until("nobody waits", () -> waits(test.memory()) == 0);
  }

  @ParameterizedTest
  @EnumSource
  void anExecutorThatRefusesIsTold(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 0);
    RejectedExecutionException refusal = new RejectedExecutionException();
    CompletableFuture<WaitResult> refused =
        FUTEXES.waitAsync(
            word,
            0,
            task -> {
              throw refusal;
            });
    word.setVolatile(1);
    FUTEXES.wake(word, 1);
    assertSame(refusal, failure(refused));
  }

  /** User's code on the thread that serves all sees no interrupt, however often words come and go. */
  @Test
  void whatRunsOnTheThreadIsNotInterrupted() throws Exception {
    List<CompletableFuture<Boolean>> interrupted = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      FutexWord word = test.memory().word(4L * i);
      interrupted.add(
          FUTEXES
              .waitAsync(word, 0, Runnable::run)
              .thenApply(result -> Thread.currentThread().isInterrupted()));
      word.setVolatile(1);
      FUTEXES.wake(word, 1);
    }
    for (CompletableFuture<Boolean> each : interrupted) {
      assertFalse(get(each));
    }
  }

  @Tag(Polled.NOT)
  @Test
  void whereThereIsNoSystemCallWordsArePolled() {
    Polled.run(WaitAsyncTest.class);
  }

  @Tag(Polled.NOT)
  @Test
  void whereNobodyCanWaitForSeveralTheyArePolled() {
    Polled.run(WaitAsyncTest.class, "-Djfutex.waitv=false");
  }
}
