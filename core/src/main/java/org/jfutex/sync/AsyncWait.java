// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;

/**
 * The slow path of a primitive for one who has no thread to block: a future. Between two sleeps it looks as a thread
 * would, on whatever thread tells it that the word changed; an executor completes it.
 *
 * <p>Whoever completes the future first ends the wait, its user included, and nothing is lost by that. What was taken
 * is given back; if nothing was, a wake-up that may have been meant for this one is passed on.
 *
 * <pre>
 *   looks --taken--> handed to the executor --> completed; or given back, if somebody else completed it
 *     |  ^
 *     v  | woken
 *   sleeps --completed by somebody else--> looks --> leaves
 * </pre>
 *
 * <p>Why none sleeps on that was completed: who completes the future writes that first, and then ends the sleep that it
 * sees; who goes to sleep writes the sleep first, and then looks whether the future was completed.
 */
abstract class AsyncWait<T> {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final FutexWord word;
  private final Executor executor;
  private final T value;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private volatile CompletableFuture<WaitResult> sleep;

  /** What the word is while there is nothing to take. */
  int expected;

  /**
   * @param value what the executor completes the future with
   */
  AsyncWait(FutexWord word, Executor executor, T value) {
    this.word = word;
    this.executor = executor;
    this.value = value;
  }

  /** What completes a future where nobody says: the executor of its own methods. */
  static Executor defaultExecutor() {
    return new CompletableFuture<>().defaultExecutor();
  }

  /** Takes what is waited for; or notes that somebody waits, and in {@link #expected} what the word is: false. */
  abstract boolean take() throws BrokenBarrierException;

  /** What was taken is not wanted any more; also after a close. */
  abstract void giveBack();

  /** Stops waiting, having taken nothing; also after a close. */
  abstract void leave();

  final CompletableFuture<T> begin() {
    result.whenComplete((taken, failure) -> endSleep());
    look();
    return result;
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // whatever it is, who waits is told
  private void look() {
    try {
      while (!result.isDone()) {
        if (take()) {
          complete();
          return;
        }
        CompletableFuture<WaitResult> next = sleep(word);
        if (!next.isDone()) {
          sleep = next;
          next.whenComplete((woken, failure) -> wakeUp(failure));
          if (result.isDone()) {
            endSleep();
          }
          return;
        }
      }
      leave();
    } catch (RuntimeException | Error | BrokenBarrierException e) {
      fail(e);
    }
  }

  /** What is completed when it is to look again. */
  CompletableFuture<WaitResult> sleep(FutexWord word) {
    return FUTEXES.waitAsync(word, expected, Runnable::run);
  }

  /** Looks after a sleep: here, on the thread that tells, or elsewhere if a look may take long. */
  void lookAgain(Runnable look) {
    look.run();
  }

  private void endSleep() {
    CompletableFuture<WaitResult> last = sleep;
    if (last != null) {
      last.cancel(false);
    }
  }

  private void wakeUp(Throwable failure) {
    try {
      boolean looks = failure == null || failure instanceof CancellationException;
      lookAgain(looks ? this::look : () -> fail(failure));
    } catch (RuntimeException e) { // an executor that refuses
      fail(e);
    }
  }

  private void complete() {
    execute(
        () -> {
          if (!result.complete(value)) {
            undo();
          }
        },
        this::undo);
  }

  private void undo() {
    try {
      giveBack();
    } catch (ClosedMemoryException e) {
      // It is given back all the same.
    }
  }

  private void fail(Throwable reason) {
    try {
      leave();
    } finally {
      execute(() -> result.completeExceptionally(reason), () -> {});
    }
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // who tells it is not to blame for the executor
  private void execute(Runnable completion, Runnable refused) {
    try {
      executor.execute(completion);
    } catch (RuntimeException | Error e) {
      refused.run();
      result.completeExceptionally(e);
    }
  }

  /** Wakes one more, in whose place this one may have been woken; also after a close. */
  static void passOn(FutexWord word) {
    try {
      FUTEXES.wake(word, 1);
    } catch (ClosedMemoryException e) {
      // It was woken all the same.
    }
  }
}
