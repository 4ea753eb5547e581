// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/** A few actors on one stage, of whom one takes a step at a time. */
final class RandomOperationsTroupe implements RandomOperationsStep.Place {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int CLEARING_ROUNDS = 12;
  private static final int ALL = Integer.MAX_VALUE;

  private final RandomOperationsStage stage;
  private final FutexEngine engine;
  private final List<ConformanceActor> actors = new ArrayList<>();

  RandomOperationsTroupe(RandomOperationsStage stage, int size) {
    this.stage = stage;
    stage.reset();
    engine = stage.subject().engine();
    for (int i = 0; i < size; i++) {
      ConformanceActor actor = new ConformanceActor("a" + i, stage.subject(), engine);
      actors.add(actor);
      settleAfter(actor, () -> 0);
    }
  }

  boolean isIdle(int actor) {
    return actors.get(actor).thread().isAlive() && actors.get(actor).result() != null;
  }

  /** Makes the call, and returns once every actor is back or blocked. */
  void take(RandomOperationsStep step) throws InterruptedException {
    ConformanceActor actor = actors.get(step.actor());
    if (step.call() != null) {
      settleAfter(actor, () -> step.call().make(engine, this));
      return;
    }
    actor.exit();
    actor.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
    // What a thread leaves behind is dealt with before it disappears.
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (ConformanceProc.exists(actor.tid()) && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(1);
    }
    actors.forEach(this::settle);
  }

  @Override
  public FutexWord word(String letter) {
    return stage.word(letter);
  }

  @Override
  public int tid(int actor) {
    return actors.get(actor).tid();
  }

  /** Who acts comes first: until it is done, another may look blocked that is about to be woken. */
  private void settleAfter(ConformanceActor acting, IntSupplier call) {
    acting.begin(call);
    settle(acting);
    actors.forEach(this::settle);
  }

  private void settle(ConformanceActor actor) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!actor.isSettled(stage.world()::contains)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            stage + ": " + actor.name() + " is neither blocked nor back: " + state());
      }
      LockSupport.parkNanos(1);
    }
  }

  /** What can be compared: what everybody's last call returned, who is blocked, and the words. */
  String state() {
    StringBuilder state = new StringBuilder();
    for (ConformanceActor actor : actors) {
      state.append(actor.name()).append('=').append(answer(actor)).append(' ');
    }
    for (String letter : RandomOperationsStep.WORDS.split("")) {
      state.append(letter).append('=').append(show(letter)).append(' ');
    }
    return state.toString().strip();
  }

  /** What an actor's last call returned, or that it is blocked. */
  String answer(int actor) {
    return answer(actors.get(actor));
  }

  private static String answer(ConformanceActor actor) {
    Integer result = actor.result();
    return result == null ? "blocked" : ConformanceExpectation.show(result);
  }

  /** A word's value, in which the thread ids of PI words have become names. */
  private String show(String letter) {
    int value = word(letter).getVolatile();
    if (RandomOperationsStep.PI_WORDS.contains(letter)) {
      for (ConformanceActor actor : actors) {
        if ((value & LinuxAbi.FUTEX_TID_MASK) == actor.tid()) {
          return actor.name()
              + ((value & LinuxAbi.FUTEX_WAITERS) != 0 ? "|WAITERS" : "")
              + ((value & LinuxAbi.FUTEX_OWNER_DIED) != 0 ? "|OWNER_DIED" : "");
        }
      }
    }
    return "0x" + Integer.toHexString(value);
  }

  /**
   * Ends the actors. Random calls leave queues that no sensible program makes, so everything that could wake somebody
   * is tried in turn.
   *
   * @return whether all are gone; the kernel keeps who waits to be requeued to a word that it owns itself
   */
  boolean clear() {
    for (int round = 0; round < CLEARING_ROUNDS && !allAreIdle(); round++) {
      for (ConformanceActor actor : actors) {
        if (actor.thread().isAlive() && actor.result() != null) {
          settleAfter(actor, this::wakeEverybody);
        }
      }
    }
    boolean cleared = allAreIdle();
    actors.forEach(ConformanceActor::exit);
    if (!stage.subject().isKernel()) {
      engine.release(stage.world().memory());
    }
    return cleared;
  }

  private boolean allAreIdle() {
    return actors.stream().allMatch(actor -> actor.result() != null);
  }

  private int wakeEverybody() {
    for (String letter : RandomOperationsStep.WORDS.split("")) {
      FutexWord word = word(letter);
      engine.unlockPi(word);
      engine.wake(word, ALL, LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      for (String target : RandomOperationsStep.PI_WORDS.split("")) {
        engine.compareRequeuePi(word, word.getVolatile(), word(target), 1, ALL);
      }
    }
    return 0;
  }
}
