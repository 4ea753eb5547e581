// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
    watchers.add(this);
    whenComplete((result, failure) -> watchers.remove(this));
  }

  /** Waits for a private word: there is no thread, whoever wakes the word tells it. */
  void prepare(FutexEngine engine) {
    Waiter waiter = new Waiter();
    waiter.listener = this::tell;
    if (engine.prepare(waiter, word, expected, FutexManager.ANY_BIT) == -Errno.EAGAIN) {
      complete(WaitResult.VALUE_CHANGED);
    } else {
      whenComplete((result, failure) -> InJvmEngine.takeOut(waiter));
    }
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
