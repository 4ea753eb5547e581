// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.crash.CrashPlay.Doomed;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedOnce;

/**
 * A death beside an initialisation. Whoever comes next does it, from its beginning; nobody goes on before it is done,
 * and once it is, nobody does it again.
 */
enum OnceScene implements CrashScene {
  RUN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      run(self.stage);
    }
  },

  /** Two sleep until it is done. */
  RUN_WITH_SLEEPERS {
    @Override
    public void survivors(CrashPlay play) {
      queueBehindVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      once(self.stage)
          .run(
              () -> {
                self.reach(1);
                self.arm();
                initialise(self.stage);
              });
    }
  },

  /** It throws, and one of those who sleep does it. */
  THROW {
    @Override
    public void survivors(CrashPlay play) {
      queueBehindVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      try {
        once(self.stage)
            .run(
                () -> {
                  self.reach(1);
                  self.arm();
                  throw new IllegalStateException("no initialisation");
                });
        throw new AssertionError("what was thrown did not come out");
      } catch (IllegalStateException e) {
        return;
      }
    }
  },

  /** It sleeps, with another one, until somebody has done it. */
  WAIT(true) {
    @Override
    public void survivors(CrashPlay play) {
      once(play.stage)
          .run(
              () -> {
                play.startVictim();
                play.awaitVictimAsleep();
                play.startAsleep(() -> run(play.stage));
                initialise(play.stage);
              });
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      self.arm();
      once(self.stage).runInterruptibly(() -> initialise(self.stage));
      self.stage.data(DATA).checkWhole();
    }
  },

  /** It sleeps, with another one, until who does it dies. */
  INHERIT {
    @Override
    public void survivors(CrashPlay play) {
      Doomed doomed =
          play.startDoomed(
              () -> {
                holdAsInitialiser(play.stage);
                play.stage.data(DATA).begin(FutexSyscalls.system().gettid());
              });
      play.startVictim();
      play.awaitVictimAsleep();
      play.startAsleep(() -> run(play.stage));
      doomed.die();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      run(self.stage);
    }
  },

  TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      once(play.stage)
          .run(
              () -> {
                play.startAsleep(() -> run(play.stage));
                play.startVictim();
                play.awaitVictimGone();
                initialise(play.stage);
              });
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      self.arm();
      try {
        once(self.stage).run(() -> initialise(self.stage), 2, TimeUnit.MILLISECONDS);
        throw new AssertionError("two initialise at once");
      } catch (TimeoutException e) {
        return;
      }
    }
  };

  private static final int DATA = 64;
  private static final int TIMES = 128; // how often it was done to its end

  private final boolean canDieAsleep;

  OnceScene() {
    this(false);
  }

  OnceScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "once";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedOnce once(CrashStage stage) {
    return SharedOnce.at(stage.memory, 0);
  }

  /** Begins from the beginning, whatever a dead one left. */
  private static void initialise(CrashStage stage) {
    stage.data(DATA).repair();
    stage.data(DATA).work(FutexSyscalls.system().gettid());
    stage.set(TIMES, stage.get(TIMES) + 1);
  }

  /** Whoever comes: it is done then, and nobody is at it. */
  private static void run(CrashStage stage) {
    once(stage).run(() -> initialise(stage));
    stage.data(DATA).checkWhole();
  }

  private static void queueBehindVictim(CrashPlay play) {
    play.startVictim();
    play.awaitVictimWaiting();
    play.startAsleep(() -> run(play.stage));
    play.startAsleep(() -> run(play.stage));
    play.letVictimGo();
    passAll(play);
  }

  /** A thread that ends while it runs an initialiser would end it: so it holds what the initialiser does. */
  private static void holdAsInitialiser(CrashStage stage) {
    once(stage);
    SharedMutex.at(stage.memory, 0, MutexKind.DEFAULT).lock();
  }

  /** It is done, by one alone, or once more if the first died before that was noted. */
  private static void passAll(CrashPlay play) {
    play.awaitSurvivors();
    play.finish(() -> run(play.stage));
    play.finish(() -> run(play.stage));
    SharedOnce once = once(play.stage);
    int most = play.isVictimDead() && play.stage.diedBeforeChange() ? 2 : 1;
    if (!once.isDone() || play.stage.get(TIMES) < 1 || play.stage.get(TIMES) > most) {
      throw new AssertionError("done " + play.stage.get(TIMES) + " times: " + once);
    }
  }
}
