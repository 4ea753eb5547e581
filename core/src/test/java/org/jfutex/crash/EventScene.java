// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import org.jfutex.crash.CrashPlay.Survivor;
import org.jfutex.sync.SharedEvent;

/**
 * A death beside events. Who was woken by a dead one, or instead of one, goes on; and of an auto-reset event, as many
 * go on as it was set.
 */
enum EventScene implements CrashScene {
  /** Two sleep until it is set. */
  SET {
    @Override
    public void survivors(CrashPlay play) {
      SharedEvent event = manual(play.stage);
      play.startAsleep(event::await);
      play.startAsleep(event::awaitUninterruptibly);
      play.startAsleep(() -> SharedEvent.awaitAny(auto(play.stage, 1), event));
      play.startVictim();
      play.awaitVictimGone();
      if (!event.isSet()) {
        event.set();
      }
      play.finish(event::await);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = manual(self.stage);
      self.arm();
      event.set();
    }
  },

  /** Who slept when it was set goes on, though it is not set any more. */
  SET_AND_RESET {
    @Override
    public void survivors(CrashPlay play) {
      SharedEvent event = manual(play.stage);
      play.startAsleep(event::await);
      play.startAsleep(event::awaitUninterruptibly);
      play.startVictim();
      play.awaitVictimGone();
      if (times(play.stage.get(FIRST)) == 0) {
        event.set();
      }
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = manual(self.stage);
      self.arm();
      event.set();
      event.reset();
    }
  },

  /** It sleeps with another one. */
  AWAIT(true) {
    @Override
    public void survivors(CrashPlay play) {
      SharedEvent event = manual(play.stage);
      play.startVictim();
      play.awaitVictimAsleep();
      play.startAsleep(event::await);
      event.set();
      play.finish(event::await);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedEvent event = manual(self.stage);
      self.arm();
      event.await();
    }
  },

  /** Two sleep until it is set, and until it is set once more. */
  AUTO_SET {
    @Override
    public void survivors(CrashPlay play) {
      SharedEvent event = auto(play.stage, 0);
      play.startAsleep(event::await);
      play.startAsleep(event::awaitUninterruptibly);
      play.startVictim();
      play.awaitVictimGone();
      for (int set = times(play.stage.get(FIRST)); set < 2; set++) {
        play.until("the event taken", () -> !event.isSet());
        event.set();
      }
      play.awaitSurvivors();
      checkTaken(event);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = auto(self.stage, 0);
      self.arm();
      event.set();
    }
  },

  /** As before; a third takes it the moment that the victim dies, if it is set. */
  AUTO_SET_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      SharedEvent event = auto(play.stage, 0);
      Survivor one = play.startAsleep(event::await);
      Survivor other = play.startAsleep(event::awaitUninterruptibly);
      play.barge(event::tryAwait, () -> {});
      play.startVictim();
      play.awaitVictimGone();
      play.giveUntilGone(one, event::isSet, event::set);
      play.giveUntilGone(other, event::isSet, event::set);
      play.awaitSurvivors();
      int set = times(play.stage.get(FIRST));
      if (set != (play.isBarged() ? 3 : 2)) {
        throw new AssertionError("set " + set + " times, which is not how many went on");
      }
      checkTaken(event);
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = auto(self.stage, 0);
      self.arm();
      event.set();
    }
  },

  /** It sleeps with another one; there is one more to set it for if the victim took it. */
  AUTO_AWAIT(true) {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, true);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedEvent event = auto(self.stage, 0);
      self.arm();
      event.await();
    }
  },

  AUTO_AWAIT_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      play.barge(auto(play.stage, 0)::tryAwait, () -> {});
      survivorsOfSleeper(play, true);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = auto(self.stage, 0);
      self.arm();
      event.awaitUninterruptibly();
    }
  },

  /** It may be woken, and give up, at the same moment. */
  AUTO_AWAIT_TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, false);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedEvent event = auto(self.stage, 0);
      self.arm();
      event.await(1, TimeUnit.MILLISECONDS);
    }
  },

  AUTO_AWAIT_INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, false);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedEvent event = auto(self.stage, 0);
      self.interruptWhenAsleep();
      self.arm();
      try {
        event.await();
      } catch (InterruptedException e) {
        return;
      }
    }
  },

  /** It sleeps for three, for each of which another one sleeps; two are set at once, and it takes one of them. */
  AWAIT_ANY(true) {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimAsleep();
      Survivor[] others = new Survivor[EVENTS];
      for (int i = 0; i < EVENTS; i++) {
        others[i] = play.startAsleep(auto(play.stage, i)::await);
      }
      auto(play.stage, 1).set();
      auto(play.stage, 2).set();
      int taken = 2 - EVENTS; // by the victim
      for (int i = EVENTS - 1; i >= 0; i--) {
        SharedEvent event = auto(play.stage, i);
        taken += play.giveUntilGone(others[i], event::isSet, event::set);
      }
      SharedEvent event = auto(play.stage, 0);
      taken += play.giveUntilGone(play.victim(), event::isSet, event::set);
      for (int i = 0; i < EVENTS; i++) {
        taken -= auto(play.stage, i).tryAwait() ? 1 : 0;
      }
      checkTaken(play, true, taken);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedEvent[] events = {auto(self.stage, 0), auto(self.stage, 1), auto(self.stage, 2)};
      self.arm();
      SharedEvent.awaitAny(events);
    }
  };

  private static final int FIRST = 0;
  private static final int EVENTS = 3;
  private static final int SPACING = 64;

  private final boolean canDieAsleep;

  EventScene() {
    this(false);
  }

  EventScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "event";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedEvent manual(CrashStage stage) {
    return SharedEvent.manualReset(stage.memory, FIRST);
  }

  private static SharedEvent auto(CrashStage stage, int number) {
    return SharedEvent.autoReset(stage.memory, FIRST + (long) number * SPACING);
  }

  /** How many times it was set, from the word. */
  private static int times(int word) {
    return word >>> 2;
  }

  /** One that sleeps beside the victim goes on, and the victim does; in between it is taken, and set again. */
  private static void survivorsOfSleeper(CrashPlay play, boolean takes) {
    SharedEvent event = auto(play.stage, 0);
    play.startVictim();
    play.awaitVictimAsleep();
    Survivor other = play.startAsleep(event::await);
    event.set();
    play.giveUntilGone(other, event::isSet, event::set);
    play.giveUntilGone(play.victim(), event::isSet, event::set);
    play.awaitSurvivors();
    checkTaken(play, takes, times(play.stage.get(FIRST)) - (event.tryAwait() ? 1 : 0) - 1);
  }

  /**
   * @param takes whether the victim takes one if it lives
   * @param taken by the victim and a third
   */
  private static void checkTaken(CrashPlay play, boolean takes, int taken) {
    int byVictim = taken - (play.isBarged() ? 1 : 0);
    if (byVictim < (takes && !play.isVictimDead() ? 1 : 0) || byVictim > 1) {
      throw new AssertionError("set " + byVictim + " times more often than others went on");
    }
  }

  private static void checkTaken(SharedEvent event) {
    if (event.tryAwait()) {
      throw new AssertionError("as many went on as it was set, and it is set: " + event);
    }
  }
}
