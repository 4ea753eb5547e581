// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;

/** One scene with one death, and what survivors are made of. */
final class CrashPlay {
  /** Instead of a step: it is killed once it sleeps. */
  static final int ASLEEP = 0;

  /** A victim that is a process may take long to start, while survivors sleep already. */
  static final long GUARD_SECONDS = 120;

  private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final long PID = ProcessHandle.current().pid();

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

  /** Who takes part. */
  interface Participant {
    /** Dead, or at its end. */
    boolean isGone();

    /** In the kernel, for a word that processes share. */
    boolean isAsleep();
  }

  /** What a survivor does. */
  interface Action {
    void run() throws Exception;
  }

  final CrashStage stage;
  private final CrashScene scene;
  private final Casting casting;
  private final int step;
  private final List<Survivor> survivors = new CopyOnWriteArrayList<>();
  private volatile Victim victim;
  private volatile boolean barged;
  private Survivor third; // who barges, or null

  CrashPlay(CrashStage stage, CrashScene scene, Casting casting, int step) {
    this.stage = stage;
    this.scene = scene;
    this.casting = casting;
    this.step = step;
  }

  /**
   * @return whether the victim died; false if it came to its end with fewer steps
   */
  boolean play() {
    try {
      stage.clear();
      scene.survivors(this);
      awaitSurvivors();
      return isVictimDead();
    } catch (Exception | Error e) {
      throw new AssertionError(CrashScenes.idOf(scene) + ", step " + step + ", " + stage, e);
    }
  }

  /** Whether a third got in at the moment of the death. */
  boolean isBarged() {
    return barged;
  }

  // The victim.

  void startVictim() {
    victim = casting.start(stage, scene, step);
  }

  /** As the others see it. */
  private final Participant victimSeen =
      new Participant() {
        @Override
        public boolean isGone() {
          return stage.get(CrashStage.DONE) != 0 || victim != null && victim.isGone();
        }

        @Override
        public boolean isAsleep() {
          return CrashProc.isAsleep(victim.pid(), stage.get(CrashStage.VICTIM_TID));
        }
      };

  Participant victim() {
    return victimSeen;
  }

  /** Returns when it sleeps, or is gone. */
  void awaitVictimAsleep() {
    until("the victim asleep", () -> isVictimGone() || victimSeen.isAsleep());
    if (step == ASLEEP) {
      if (isVictimGone()) {
        throw new AssertionError("the victim did not fall asleep");
      }
      victim.kill();
    }
  }

  long victimPid() {
    return victim.pid();
  }

  /** Returns when it has reached the first phase. */
  void awaitVictimWaiting() {
    until("the victim's first phase", () -> stage.get(CrashStage.PHASE) == 1 || isVictimGone());
  }

  /** What it does when it waits no more. */
  void letVictimGo() {
    stage.set(CrashStage.GO, 1);
  }

  /** Returns when it is gone, dead or alive. */
  void awaitVictimGone() {
    until("the victim's end", this::isVictimGone);
    if (stage.get(CrashStage.DONE) > 1) {
      throw new AssertionError("the victim failed; see its output");
    }
  }

  private boolean isVictimGone() {
    return victimSeen.isGone();
  }

  /** Whether it died; of one that is gone. */
  boolean isVictimDead() {
    if (stage.get(CrashStage.DONE) != 0) {
      return false;
    }
    if (step != ASLEEP && stage.get(CrashStage.DYING) == 0) {
      throw new AssertionError("the victim came to another end than it was to");
    }
    return true;
  }

  // The survivors.

  /** One who has to come to its end, at the latest when the scene is over. */
  final class Survivor implements Participant {
    private final Actor<?> actor;
    private volatile int tid;

    private Survivor(Action body) {
      actor =
          Actor.start(
              () -> {
                tid = FutexSyscalls.system().gettid();
                body.run();
                return null;
              });
      survivors.add(this);
    }

    @Override
    public boolean isGone() {
      return actor.isDone();
    }

    @Override
    public boolean isAsleep() {
      return CrashProc.isAsleep(PID, tid);
    }

    /** Returns when it is at its end; a minute guards against hanging. */
    void finish() {
      actor.result();
    }

    /** What it threw. */
    Throwable failure() {
      survivors.remove(this);
      return actor.failure();
    }
  }

  Survivor start(Action body) {
    return new Survivor(body);
  }

  /** As {@link #start}; returns once it sleeps for a word of the scene. */
  Survivor startAsleep(Action body) {
    return startAsleep(0, CrashStage.SCENE_BYTES, body);
  }

  /** As {@link #start}; returns once it sleeps for the word at an offset. */
  Survivor startAsleep(int offset, Action body) {
    return startAsleep(offset, offset + FutexWord.BYTES, body);
  }

  private Survivor startAsleep(int from, int to, Action body) {
    Survivor one = start(body);
    until(
        "a survivor asleep",
        () -> one.isGone() || isWaiting(one.actor.thread(), from, to) && one.isAsleep());
    return one;
  }

  private static boolean isWaiting(Thread thread, int from, int to) {
    return FUTEXES.waits().stream()
        .anyMatch(
            wait ->
                wait.thread() == thread
                    && wait.word().offset() >= from
                    && wait.word().offset() < to);
  }

  /** One who comes now, and has to come to its end before this goes on. */
  void finish(Action body) {
    start(body).finish();
  }

  /**
   * Returns when one is gone; each time that it sleeps, and what it sleeps for is not there, that is given.
   *
   * @return how often
   */
  int giveUntilGone(Participant one, BooleanSupplier isThere, Runnable give) {
    for (int times = 0; ; times++) {
      // In this order: who took it does not sleep any more.
      until("one that goes on", () -> one.isGone() || !isThere.getAsBoolean() && one.isAsleep());
      if (one.isGone()) {
        return times;
      }
      give.run();
    }
  }

  /** Returns when all came to their ends, and the victim too. */
  void awaitSurvivors() {
    awaitVictimGone();
    for (int i = 0; i < survivors.size(); i++) { // one may start another
      survivors.get(i).finish();
    }
  }

  /**
   * A third that comes at the moment of the death, when the victim has done all steps but the next; the victim dies
   * when it tried. To be called before the victim is started.
   *
   * @param attempt whether it got in; it must not wait
   * @param afterwards what it does then, after the death
   */
  void barge(BooleanSupplier attempt, Action afterwards) {
    stage.set(CrashStage.BARGE, CrashStage.BARGE_WANTED);
    third =
        start(
            () -> {
              until(
                  "a death",
                  () -> stage.get(CrashStage.BARGE) == CrashStage.BARGE_NOW || isVictimGone());
              if (stage.get(CrashStage.BARGE) != CrashStage.BARGE_NOW) {
                return;
              }
              boolean got;
              try {
                got = attempt.getAsBoolean();
              } finally {
                stage.set(CrashStage.BARGE, CrashStage.BARGE_TRIED);
              }
              barged |= got;
              until("the death", this::isVictimGone);
              if (got) {
                afterwards.run();
              }
            });
  }

  /** Returns when the victim is gone and the third, if there is one, has done all that it does. */
  void awaitThird() {
    awaitVictimGone();
    if (third != null) {
      third.finish();
    }
  }

  /** Another thread that dies, when it is told to, with what its action left. */
  final class Doomed {
    private final Actor<?> actor;
    private volatile int tid;
    private volatile boolean mayDie;

    private Doomed(Action body) {
      actor =
          Actor.start(
              () -> {
                int self = FutexSyscalls.system().gettid();
                body.run();
                tid = self;
                while (!mayDie) {
                  LockSupport.parkNanos(NAP_NANOS);
                }
                return null;
              });
      until("one that is to die", () -> actor.isDone() || tid != 0);
    }

    /** Returns when it is dead. */
    void die() {
      mayDie = true;
      actor.result();
      // The kernel walks what a thread holds before the thread is gone.
      until("a death", () -> CrashProc.isGone(PID, tid));
    }
  }

  /** Returns when it has done what it does. */
  Doomed startDoomed(Action body) {
    return new Doomed(body);
  }

  void until(String what, BooleanSupplier state) {
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
}
