// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import org.jfutex.crash.CrashPlay.Doomed;
import org.jfutex.crash.MutexVerdicts.Verdict;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.NotRecoverableException;
import org.jfutex.sync.OwnerNotFoundException;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * Those who survive a death beside mutexes, and what they must see.
 *
 * <ul>
 *   <li>Each of them gets every mutex within the healing period and a margin, a minute, which guards against hanging.
 *   <li>Of those who come after a death of an owner exactly the first is told; of others nobody is told anything.
 *   <li>Who was told nothing finds whole data and nobody inside.
 * </ul>
 */
final class MutexPlay {
  private static final FutexManager FUTEXES = FutexManager.system();

  private final CrashPlay play;
  private final MutexAct act;
  private final MutexStage stage;
  private final MutexVerdicts seen;
  private SharedMutex held; // by this thread, or null
  private Doomed owner; // who holds the mutex until it is told to die
  private int ownersDead; // beside the victim

  MutexPlay(CrashPlay play, MutexAct act, MutexKind kind) {
    this.play = play;
    this.act = act;
    this.stage = new MutexStage(play.stage, kind);
    this.seen = new MutexVerdicts(stage);
  }

  void play() {
    try {
      act.before(this);
      if (act.barges) {
        play.barge(this::tryToBarge, this::workAndUnlock);
      }
      play.startVictim();
      if (stage.isPlain()) {
        play.start(this::freeByHand);
      }
      act.around(this);
      play.awaitSurvivors();
      for (int number = 0; number < act.mutexes(); number++) {
        pass(number);
      }
      for (int number = 0; number < act.mutexes(); number++) {
        seen.check(number, ownersDead);
      }
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seen " + seen, e);
    }
  }

  // What acts are made of.

  void hold() {
    held = take(0);
  }

  private void release() {
    if (held != null) {
      SharedMutex mutex = held;
      held = null;
      workAndUnlock(mutex, 0);
    }
  }

  void wakeVictim() {
    play.awaitVictimAsleep();
    startSleeper();
    release();
  }

  void holdUntilVictimIsGone() {
    startSleeper();
    play.awaitVictimGone();
    release();
  }

  /** Another one sleeps by the time that the victim gives the mutex back. */
  void queueBehindVictim() {
    play.awaitVictimWaiting();
    startSleeper();
    play.letVictimGo();
  }

  private void startSleeper() {
    play.startAsleep(MutexStage.lockOf(0), () -> pass(0));
  }

  void inheritAsleep() {
    play.awaitVictimAsleep();
    startSleeper();
    heldOwnerDies();
  }

  void startWaiter() {
    SharedMutex mutex = mutex(0);
    SharedCondition condition = stage.condition(mutex);
    play.startAsleep(MutexStage.CONDITION, () -> consumeToken(mutex, condition));
  }

  void signalVictim(boolean all) {
    play.awaitVictimAsleep();
    startWaiter();
    SharedMutex mutex = take(0);
    if (mutex == null) {
      return;
    }
    SharedCondition condition = stage.condition(mutex);
    stage.setTokens(2);
    if (all) {
      condition.signalAll();
    } else {
      condition.signal();
      condition.signal();
    }
    workAndUnlock(mutex, 0);
  }

  /** Enough for all who wait, and no signal: what died with the victim is made up for by healing. */
  void addTokens() {
    play.awaitVictimGone();
    SharedMutex mutex = take(0);
    if (mutex != null) {
      stage.setTokens(stage.tokens() + 2);
      workAndUnlock(mutex, 0);
    }
  }

  /** An owner who dies inside, and has died when this returns. */
  void ownerDies() {
    ownerHolds();
    heldOwnerDies();
  }

  /** An owner who dies inside when it is told to. */
  void ownerHolds() {
    owner =
        play.startDoomed(
            () -> {
              take(0);
              stage.data(0).begin(FutexSyscalls.system().gettid());
            });
  }

  private void heldOwnerDies() {
    ownersDead++;
    owner.die();
  }

  void giveUp() {
    mutex(0).acquire();
    mutex(0).unlock();
  }

  /** An owner who moves the victim from the condition to the mutex and dies inside, unless the victim died before. */
  void signalAndDie() {
    play.awaitVictimAsleep();
    play.startDoomed(
            () -> {
              SharedMutex mutex = take(0);
              if (play.stage.get(CrashStage.DYING) != 0 || play.stage.get(CrashStage.DONE) != 0) {
                mutex.unlock();
                return;
              }
              ownersDead++;
              stage.condition(mutex).signal();
              stage.data(0).begin(FutexSyscalls.system().gettid());
            })
        .die();
  }

  // How they are made.

  private SharedMutex mutex(int number) {
    return stage.mutex(
        number,
        mutex -> {
          seen.add(number, Verdict.OWNER_DIED);
          stage.data(number).repair();
        });
  }

  /**
   * @return null if the mutex can never be taken again
   */
  private SharedMutex take(int number) {
    SharedMutex mutex = mutex(number);
    try {
      long deadline = Deadline.after(CrashPlay.GUARD_SECONDS, TimeUnit.SECONDS);
      return taken(mutex, number, mutex.acquire(deadline));
    } catch (NotRecoverableException e) {
      seen.add(number, Verdict.NOT_RECOVERABLE);
    } catch (OwnerNotFoundException e) {
      seen.add(number, Verdict.OWNER_NOT_FOUND);
    }
    return null;
  }

  private SharedMutex taken(SharedMutex mutex, int number, Acquisition result) {
    switch (result) {
      case ACQUIRED -> seen.add(number, Verdict.ACQUIRED);
      case OWNER_DIED -> {
        seen.add(number, Verdict.OWNER_DIED);
        stage.data(number).repair();
        if (stage.kind.robust()) {
          mutex.makeConsistent();
        }
      }
      default -> throw new AssertionError("not acquired within the healing period and a margin");
    }
    stage.data(number).checkWhole();
    return mutex;
  }

  private void workAndUnlock(SharedMutex mutex, int number) {
    stage.data(number).work(FutexSyscalls.system().gettid());
    mutex.unlock();
  }

  private void pass(int number) {
    SharedMutex mutex = take(number);
    if (mutex != null) {
      workAndUnlock(mutex, number);
    }
  }

  private void consumeToken(SharedMutex mutex, SharedCondition condition) {
    if (take(0) == null) {
      return;
    }
    try {
      while (stage.tokens() == 0) {
        condition.await();
        stage.data(0).checkWhole();
      }
    } catch (OwnerNotFoundException e) {
      seen.add(0, Verdict.OWNER_NOT_FOUND);
      return;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    stage.setTokens(stage.tokens() - 1);
    workAndUnlock(mutex, 0);
  }

  /** A mutex that is not robust stays held when its owner dies, and says nothing: somebody has to repair it by hand. */
  private void freeByHand() {
    play.awaitVictimGone();
    if (play.stage.get(MutexStage.OWNED) == 0) {
      return;
    }
    if (stage.mutex(0, null).acquire(Deadline.after(1, TimeUnit.MILLISECONDS))
        != Acquisition.TIMED_OUT) {
      throw new AssertionError("acquired what a dead owner holds");
    }
    stage.data(0).repair();
    stage.freeByHand();
    FUTEXES.wake(play.stage.memory.word(MutexStage.lockOf(0)), FutexManager.ALL);
  }

  private boolean tryToBarge() {
    SharedMutex mutex = mutex(0);
    Acquisition result = mutex.tryAcquire();
    if (result == Acquisition.TIMED_OUT) {
      return false;
    }
    taken(mutex, 0, result);
    return true;
  }

  private void workAndUnlock() {
    workAndUnlock(mutex(0), 0);
  }
}
