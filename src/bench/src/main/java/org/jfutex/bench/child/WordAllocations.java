// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.concurrent.TimeUnit;
import org.jfutex.bench.child.AllocationTask.Steps;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.Waiter;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/** The operations of {@link FutexManager}, for {@link AllocationTask}. */
final class WordAllocations {
  private static final int WORDS = 4;
  private static final int CACHE_LINE = 64;
  private static final int MOVED = 2;

  private final FutexManager futexes = FutexManager.system();
  private final FutexWord mine;
  private final FutexWord partners;
  private final FutexWord moved;
  private int seen; // by the partner

  /**
   * @param engine in-jvm or kernel
   */
  WordAllocations(MappedMemory memory, String engine) {
    FutexWord[] words = new FutexWord[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] =
          "in-jvm".equals(engine)
              ? memory.privateWord(i * CACHE_LINE)
              : memory.word(i * CACHE_LINE);
    }
    mine = words[0];
    partners = words[1];
    moved = words[MOVED];
  }

  Steps steps(String name) {
    switch (name) {
      case "wait-mismatching":
        return new Steps(() -> futexes.wait(mine, 1), null);
      case "wake":
        return new Steps(() -> futexes.wake(mine, 1), null);
      case "requeue":
        return new Steps(() -> futexes.requeue(mine, moved, 1, 1), null);
      case "prepare-complete":
        return prepareComplete(new Waiter());
      case "hand-off":
        return handOff((word, value) -> futexes.wait(word, value));
      case "hand-off-timed":
        return handOff(
            (word, value) ->
                futexes.wait(
                    word, value, FutexManager.ANY_BIT, Deadline.after(1, TimeUnit.MINUTES)));
      case "hand-off-interruptible":
        return handOff((word, value) -> futexes.waitInterruptibly(word, value));
      case "hand-off-requeued":
        return handOffRequeued();
      default:
        throw new IllegalArgumentException("no such operation: " + name);
    }
  }

  private Steps prepareComplete(Waiter waiter) {
    return new Steps(
        () -> {
          futexes.waitPrepare(waiter, mine, 0, FutexManager.ANY_BIT);
          futexes.waitComplete(waiter);
        },
        null);
  }

  /** One way to sleep while a word holds a value. */
  private interface Sleep {
    void on(FutexWord word, int value);
  }

  /** Each side changes the other's word, wakes it and sleeps. */
  private Steps handOff(Sleep sleep) {
    return new Steps(
        () -> {
          int before = mine.getVolatile();
          partners.setVolatile(before + 1);
          futexes.wake(partners, 1);
          while (mine.getVolatile() == before) {
            sleep.on(mine, before);
          }
        },
        () -> {
          while (partners.getVolatile() == seen) {
            sleep.on(partners, seen);
          }
          mine.setVolatile(++seen);
          futexes.wake(mine, 1);
        });
  }

  /** The partner sleeps on one word, is moved to another and woken there. */
  private Steps handOffRequeued() {
    return new Steps(
        () -> {
          while (futexes.requeue(partners, moved, 0, 1) == 0) {
            Thread.yield(); // it is not asleep again yet
          }
          futexes.wake(moved, 1);
        },
        () -> futexes.wait(partners, 0));
  }
}
