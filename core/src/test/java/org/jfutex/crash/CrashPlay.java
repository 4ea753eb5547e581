// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jfutex.crash.CrashVerdicts.Verdict;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.NotRecoverableException;
import org.jfutex.sync.OwnerNotFoundException;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * One scene with one death: those who survive, and what they must see.
 *
 * <ul>
 *   <li>Each of them gets every mutex within the healing period and a margin, a minute, which guards against hanging.
 *   <li>Of those who come after a death of an owner exactly the first is told; of others nobody is told anything.
 *   <li>Who was told nothing finds whole data and nobody inside.
 * </ul>
 */
final class CrashPlay {
  /** Instead of a step: it is killed once it sleeps. */
  static final int ASLEEP = 0;

  /** A victim that is a process may take long to start, while survivors sleep already. */
  private static final long MARGIN_SECONDS = 120;

  private static final long GUARD_SECONDS = 120;
  private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final FutexManager FUTEXES = FutexManager.system();

  /** Who dies, as a thread of this process or as a process. */
  interface Victim {
    long pid();

    boolean isGone();

    void kill();
  }

  /** How a victim is started. */
  interface Casting {
    Victim start(CrashStage stage, CrashScene scene, int step);
  }

  private final CrashStage stage;
  private final CrashScene scene;
  private final Casting casting;
  private final int step;
  private final int tid = FutexSyscalls.system().gettid();
  private final CrashVerdicts seen;
  private final List<Actor<?>> survivors = new ArrayList<>();
  private Victim victim;
  private SharedMutex held; // by this thread, or null
  private Actor<?> owner; // who holds the mutex until it is told to die
  private volatile int ownerTid;
  private volatile boolean ownerMayDie;
  private volatile boolean barged;
  private int ownersDead; // beside the victim

  CrashPlay(CrashStage stage, CrashScene scene, Casting casting, int step) {
    this.stage = stage;
    this.scene = scene;
    this.casting = casting;
    this.step = step;
    this.seen = new CrashVerdicts(stage);
  }

  /**
   * @return whether the victim died; false if it came to its end with fewer steps
   */
  boolean play() {
    try {
      stage.clear();
      scene.before(this);
      victim = casting.start(stage, scene, step);
      if (scene.barges) {
        start(this::barge);
      }
      if (stage.isPlain()) {
        start(this::freeByHand);
      }
      scene.around(this);
      awaitVictimGone();
      survivors.forEach(Actor::result);
      for (int number = 0; number < scene.mutexes(); number++) {
        pass(number);
      }
      for (int number = 0; number < scene.mutexes(); number++) {
        seen.check(number, ownersDead);
      }
      return isDead();
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          scene
              + " of a "
              + stage.kind
              + " mutex, step "
              + step
              + ", death before "
              + stage.lastStep()
              + ", word 0x"
              + Integer.toHexString(stage.get(CrashStage.LAST_LOCK))
              + " then, "
              + Integer.toHexString(stage.get(CrashStage.LOCK))
              + " now, seen "
              + seen,
          e);
    }
  }

  /** Whether a third took the mutex at the moment of the death. */
  boolean isBarged() {
    return barged;
  }

  private boolean isDead() {
    if (stage.get(CrashStage.DONE) != 0) {
      return false;
    }
    if (step != ASLEEP && stage.get(CrashStage.DYING) == 0) {
      throw new AssertionError("the victim came to another end than it was to");
    }
    return true;
  }

  // What scenes are made of.

  void hold() {
    held = take(0);
  }

  void release() {
    if (held != null) {
      SharedMutex mutex = held;
      held = null;
      stage.work(0, tid);
      mutex.unlock();
    }
  }

  void wakeVictim() {
    awaitVictimAsleep();
    startSleeper();
    release();
  }

  void holdUntilVictimIsGone() {
    startSleeper();
    awaitVictimGone();
    release();
  }

  /** Another one sleeps by the time that the victim gives the mutex back. */
  void queueBehindVictim() {
    until("the victim to hold", () -> stage.get(CrashStage.PHASE) == 1);
    startSleeper();
    stage.set(CrashStage.GO, 1);
  }

  void startSleeper() {
    startAsleep(CrashStage.LOCK, () -> pass(0));
  }

  void startWaiter() {
    SharedMutex mutex = mutex(0);
    SharedCondition condition = stage.condition(mutex);
    startAsleep(CrashStage.CONDITION, () -> consumeToken(mutex, condition));
  }

  void signalVictim(boolean all) {
    awaitVictimAsleep();
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
    stage.work(0, tid);
    mutex.unlock();
  }

  /** Enough for all who wait, and no signal: what died with the victim is made up for by healing. */
  void addTokens() {
    awaitVictimGone();
    SharedMutex mutex = take(0);
    if (mutex != null) {
      stage.setTokens(stage.tokens() + 2);
      stage.work(0, tid);
      mutex.unlock();
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
        Actor.start(
            () -> {
              int self = FutexSyscalls.system().gettid();
              take(0);
              stage.beginWork(0, self);
              ownerTid = self;
              while (!ownerMayDie) {
                LockSupport.parkNanos(NAP_NANOS);
              }
              return null;
            });
    until("an owner inside", () -> owner.isDone() || ownerTid != 0);
  }

  void heldOwnerDies() {
    ownersDead++;
    ownerMayDie = true;
    owner.result();
    // The kernel walks what a thread holds before the thread is gone.
    until("an owner's end", () -> CrashProc.isGone(ProcessHandle.current().pid(), ownerTid));
  }

  void giveUp() {
    mutex(0).acquire();
    mutex(0).unlock();
  }

  /** An owner who moves the victim from the condition to the mutex and dies inside, unless the victim died before. */
  void signalAndDie() {
    awaitVictimAsleep();
    Actor<?> signaller =
        Actor.start(
            () -> {
              SharedMutex mutex = take(0);
              if (stage.get(CrashStage.DYING) != 0 || stage.get(CrashStage.DONE) != 0) {
                mutex.unlock();
                return null;
              }
              ownersDead++;
              stage.condition(mutex).signal();
              stage.beginWork(0, FutexSyscalls.system().gettid());
              return null;
            });
    signaller.result();
  }

  // How they are made.

  private SharedMutex mutex(int number) {
    return stage.mutex(
        number,
        mutex -> {
          seen.add(number, Verdict.OWNER_DIED);
          stage.repair(number);
        });
  }

  /**
   * @return null if the mutex can never be taken again
   */
  private SharedMutex take(int number) {
    SharedMutex mutex = mutex(number);
    try {
      return taken(mutex, number, mutex.acquire(Deadline.after(MARGIN_SECONDS, TimeUnit.SECONDS)));
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
        stage.repair(number);
        if (stage.kind.robust()) {
          mutex.makeConsistent();
        }
      }
      default -> throw new AssertionError("not acquired within the healing period and a margin");
    }
    stage.checkWhole(number);
    return mutex;
  }

  private void pass(int number) {
    int self = FutexSyscalls.system().gettid();
    SharedMutex mutex = take(number);
    if (mutex != null) {
      stage.work(number, self);
      mutex.unlock();
    }
  }

  private void consumeToken(SharedMutex mutex, SharedCondition condition) {
    int self = FutexSyscalls.system().gettid();
    if (take(0) == null) {
      return;
    }
    try {
      while (stage.tokens() == 0) {
        condition.await();
        stage.checkWhole(0);
      }
    } catch (OwnerNotFoundException e) {
      seen.add(0, Verdict.OWNER_NOT_FOUND);
      return;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    stage.setTokens(stage.tokens() - 1);
    stage.work(0, self);
    mutex.unlock();
  }

  private Actor<?> start(Runnable body) {
    Actor<?> actor =
        Actor.start(
            () -> {
              body.run();
              return null;
            });
    survivors.add(actor);
    return actor;
  }

  /** Starts one who survives, and returns once it sleeps. */
  private void startAsleep(int offset, Runnable body) {
    int[] sleeper = new int[1];
    Actor<?> actor =
        start(
            () -> {
              sleeper[0] = FutexSyscalls.system().gettid();
              body.run();
            });
    long pid = ProcessHandle.current().pid();
    until(
        "a survivor asleep",
        () ->
            actor.isDone()
                || isWaiting(actor.thread(), offset) && CrashProc.isAsleep(pid, sleeper[0]));
  }

  private static boolean isWaiting(Thread thread, int offset) {
    return FUTEXES.waits().stream()
        .anyMatch(wait -> wait.thread() == thread && wait.word().offset() == offset);
  }

  void awaitVictimAsleep() {
    until("the victim asleep", () -> isVictimGone() || isVictimAsleep());
    if (step == ASLEEP) {
      if (isVictimGone()) {
        throw new AssertionError("the victim did not fall asleep");
      }
      victim.kill();
    }
  }

  private boolean isVictimAsleep() {
    return CrashProc.isAsleep(victim.pid(), stage.get(CrashStage.VICTIM_TID));
  }

  private boolean isVictimGone() {
    return stage.get(CrashStage.DONE) != 0 || victim.isGone();
  }

  private void awaitVictimGone() {
    until("the victim's end", this::isVictimGone);
    if (stage.get(CrashStage.DONE) > 1) {
      throw new AssertionError("the victim failed; see its output");
    }
  }

  /** A mutex that is not robust stays held when its owner dies, and says nothing: somebody has to repair it by hand. */
  private void freeByHand() {
    until("the victim's end", this::isVictimGone);
    if (stage.get(CrashStage.OWNED) == 0) {
      return;
    }
    if (stage.mutex(0, null).acquire(Deadline.after(1, TimeUnit.MILLISECONDS))
        != Acquisition.TIMED_OUT) {
      throw new AssertionError("acquired what a dead owner holds");
    }
    stage.repair(0);
    stage.set(CrashStage.OWNER, 0);
    FutexWord word = stage.memory.word(CrashStage.LOCK);
    word.setVolatile(0);
    FUTEXES.wake(word, FutexManager.ALL);
  }

  private void until(String what, BooleanSupplier state) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
    while (!state.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "not seen within "
                + GUARD_SECONDS
                + " s: "
                + what
                + (victim == null
                    ? ""
                    : "; the victim's process: " + CrashProc.describe(victim.pid())));
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
  }

  /** Waits for the moment that the victim is about to die, takes the mutex if it is free, and lets the victim die. */
  private void barge() {
    int self = FutexSyscalls.system().gettid();
    until("a death", () -> stage.get(CrashStage.BARGE) == 1 || isVictimGone());
    if (stage.get(CrashStage.BARGE) == 0) {
      return;
    }
    SharedMutex mutex = mutex(0);
    Acquisition result = mutex.tryAcquire();
    barged = result != Acquisition.TIMED_OUT;
    if (barged) {
      taken(mutex, 0, result);
    }
    stage.set(CrashStage.BARGE, 2);
    until("the death", this::isVictimGone);
    if (barged) {
      stage.work(0, self);
      mutex.unlock();
    }
  }
}
