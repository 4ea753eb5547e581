// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jfutex.linux.Errno;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;

/**
 * A wait that blocks no thread: a future that is completed when its word was woken or changed. Whoever completes it
 * first ends the wait, its user included, who may cancel it or give it a timeout.
 *
 * <p>No wake is lost by that. One that reaches a future which is completed already was taken from another waiter, of
 * whatever process, and is passed on to the next one. Until then exactly one of two takes the future out of where it
 * waits: whoever completed it, and then it consumes no wake; or who wakes it, and then it is told.
 */
final class WordFuture extends CompletableFuture<WaitResult> {
  final FutexWord word;
  final int expected;
  private final FutexManager futexes;
  private final Executor executor;

  private Waiter waiter; // of a private word, once it is queued
  private WordWatchers watchers; // of a shared one

  /** Where a shared word is watched for it, until it is told or completed; guarded by the {@link WordWatchers}. */
  WatchedWord watched;

  WordFuture(FutexManager futexes, FutexWord word, int expected, Executor executor) {
    this.futexes = futexes;
    this.word = word;
    this.expected = expected;
    this.executor = executor;
  }

  /** Waits for a shared word: a thread that waits for many tells it. */
  void watch(WordWatchers watchers) {
    this.watchers = watchers;
    watchers.add(this);
  }

  /** Waits for a private word: there is no thread, whoever wakes the word tells it. */
  void prepare(FutexEngine engine) {
    waiter = new Waiter();
    waiter.future = this;
    if (engine.prepare(waiter, word, expected, FutexManager.ANY_BIT) == -Errno.EAGAIN) {
      waiter = null;
      complete(WaitResult.VALUE_CHANGED);
    }
  }

  /** It was completed, so it waits no longer. Not a {@code whenComplete}: that costs more than the wait. */
  private boolean leaveIf(boolean completed) {
    if (completed && waiter != null) {
      InJvmEngine.leave(waiter);
    } else if (completed && watchers != null) {
      watchers.remove(this);
    }
    return completed;
  }

  @Override
  public boolean complete(WaitResult result) {
    return leaveIf(super.complete(result));
  }

  @Override
  public boolean completeExceptionally(Throwable reason) {
    return leaveIf(super.completeExceptionally(reason));
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return leaveIf(super.cancel(mayInterruptIfRunning));
  }

  @Override
  public CompletableFuture<WaitResult> completeAsync(
      Supplier<? extends WaitResult> supplier, Executor by) {
    whenComplete((result, failure) -> leaveIf(true));
    return super.completeAsync(supplier, by);
  }

  @Override
  public void obtrudeValue(WaitResult result) {
    super.obtrudeValue(result);
    leaveIf(true);
  }

  @Override
  public void obtrudeException(Throwable reason) {
    super.obtrudeException(reason);
    leaveIf(true);
  }

  /** Its word was woken or changed, or its memory closed. Throws nothing. */
  void tell() {
    if (word.memory().isClosed()) {
      fail(new ClosedMemoryException(word.memory()));
      futexes.passOn(word);
      return;
    }
    hand(
        () -> {
          if (!complete(WaitResult.WOKEN)) {
            futexes.passOn(word);
          }
        });
  }

  /** Its word can no longer be waited for. Throws nothing. */
  void fail(Throwable reason) {
    hand(() -> completeExceptionally(reason));
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // who tells it is not to blame for the executor
  private void hand(Runnable completion) {
    try {
      executor.execute(completion);
    } catch (RuntimeException | Error e) {
      completeExceptionally(e);
      futexes.passOn(word);
    }
  }
}
