// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** A victim that works with mutexes. */
final class MutexVictim {
  final MutexStage stage;
  private final CrashVictim victim;
  private boolean owns; // between two calls; within one the step tells

  MutexVictim(CrashVictim victim, MutexKind kind) {
    this.victim = victim;
    this.stage = new MutexStage(victim.stage, kind);
  }

  void arm() {
    victim.arm(lastStep -> victim.stage.set(MutexStage.OWNED, ownsAt(lastStep) ? 1 : 0));
  }

  /**
   * A word without a thread id does not say whether the victim took it. But bookkeeping is done by owners alone, and an
   * owner gives the word back by an exchange in the slot.
   */
  private boolean ownsAt(String lastStep) {
    return owns || lastStep.startsWith("Cells.") && !lastStep.equals("Cells.compareAndSet");
  }

  void reach(int phase) {
    victim.reach(phase);
  }

  void interruptWhenAsleep() {
    victim.interruptWhenAsleep();
  }

  SharedMutex mutex(int number) {
    return stage.mutex(number, mutex -> stage.data(number).repair());
  }

  SharedMutex mutexWithoutRecovery() {
    return stage.mutex(0, null);
  }

  void take(SharedMutex mutex, int number) {
    taken(mutex, mutex.acquire(), number);
  }

  private void taken(SharedMutex mutex, Acquisition result, int number) {
    if (result != Acquisition.ACQUIRED && result != Acquisition.OWNER_DIED) {
      throw new AssertionError(result);
    }
    owns = true;
    if (result == Acquisition.OWNER_DIED) {
      stage.data(number).repair();
      if (mutex.kind().robust()) {
        mutex.makeConsistent();
      }
    }
    stage.data(number).checkWhole();
  }

  void workAndUnlock(SharedMutex mutex, int number) {
    owns = true;
    stage.data(number).work(victim.tid);
    unlock(mutex);
  }

  void unlock(SharedMutex mutex) {
    owns = false;
    mutex.unlock();
  }

  void consumeToken(SharedMutex mutex, Waiting waiting) throws InterruptedException {
    SharedCondition condition = stage.condition(mutex);
    while (stage.tokens() == 0) {
      await(condition, waiting);
    }
    stage.setTokens(stage.tokens() - 1);
    workAndUnlock(mutex, 0);
  }

  void await(SharedCondition condition, Waiting waiting) throws InterruptedException {
    owns = false;
    waiting.await(condition);
    owns = true;
  }

  /** One of the forms of await. */
  interface Waiting {
    void await(SharedCondition condition) throws InterruptedException;
  }
}
