// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jfutex.memory.FutexWord;
import org.jfutex.sync.Doorbell;

/**
 * A death beside a doorbell. Who sleeps finds what a dead one published, rung or not, and what others publish after it;
 * and a dead sleeper is announced no longer than until the next ring.
 */
enum DoorbellScene implements CrashScene {
  /** Two sleep until there is work. */
  PUBLISH_AND_RING {
    @Override
    public void survivors(CrashPlay play) {
      startSleepers(play, 1);
      play.startVictim();
      play.awaitVictimGone();
      produceUntil(play.stage, 1);
      play.awaitSurvivors();
      checkNobodyAnnounced(play.stage);
    }

    @Override
    public void victim(CrashVictim self) {
      FutexWord work = work(self.stage);
      Doorbell doorbell = doorbell(self.stage);
      self.arm();
      produce(work, doorbell);
    }
  },

  /** Nobody has slept for so long that rings fence no more from this one on. */
  RING_IN_VAIN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimGone();
      startSleepers(play, 1);
      produceUntil(play.stage, 1);
      play.awaitSurvivors();
      checkNobodyAnnounced(play.stage);
    }

    @Override
    public void victim(CrashVictim self) {
      Doorbell doorbell = doorbell(self.stage);
      doorbell.cancel(doorbell.prepare());
      for (int i = 1; i < IN_VAIN_MAX; i++) {
        doorbell.ring();
      }
      self.arm();
      doorbell.ring();
    }
  },

  /** Two producers, one after the other; two sleep for the work of both. */
  PUBLISH_AND_RING_BESIDE_ANOTHER {
    @Override
    public void survivors(CrashPlay play) {
      startSleepers(play, 2);
      play.startVictim();
      play.start(() -> produce(work(play.stage), doorbell(play.stage)));
      play.awaitVictimGone();
      play.until("the work of the other", () -> work(play.stage).getVolatile() > 0);
      produceUntil(play.stage, 2);
    }

    @Override
    public void victim(CrashVictim self) {
      FutexWord work = work(self.stage);
      Doorbell doorbell = doorbell(self.stage);
      self.arm();
      produce(work, doorbell);
    }
  },

  /** It sleeps with another one. */
  AWAIT(true) {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      Doorbell doorbell = doorbell(self.stage);
      self.arm();
      doorbell.await(isThere(self.stage, 1));
    }
  },

  AWAIT_TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      Doorbell doorbell = doorbell(self.stage);
      self.arm();
      doorbell.await(isThere(self.stage, 1), 1, TimeUnit.MILLISECONDS);
    }
  },

  AWAIT_INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play);
    }

    @Override
    public void victim(CrashVictim self) {
      Doorbell doorbell = doorbell(self.stage);
      self.interruptWhenAsleep();
      self.arm();
      try {
        doorbell.await(isThere(self.stage, 1));
      } catch (InterruptedException e) {
        return;
      }
    }
  },

  /** As a loop that is somebody else's does it. */
  PREPARE_SLEEP_CANCEL(true) {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      Doorbell doorbell = doorbell(self.stage);
      BooleanSupplier ready = isThere(self.stage, 1);
      self.arm();
      int ticket = doorbell.prepare();
      while (!ready.getAsBoolean()) {
        if (doorbell.sleep(ticket)) {
          ticket = doorbell.prepare();
        }
      }
      doorbell.cancel(ticket);
    }
  },

  /** It finds work before it sleeps. */
  PREPARE_CANCEL {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimGone();
      startSleepers(play, 1);
      produceUntil(play.stage, 1);
      play.awaitSurvivors();
      checkNobodyAnnounced(play.stage);
    }

    @Override
    public void victim(CrashVictim self) {
      Doorbell doorbell = doorbell(self.stage);
      self.arm();
      doorbell.cancel(doorbell.prepare());
    }
  };

  private static final int DOORBELL = 0;
  private static final int WORK = 64;
  private static final int SLEEPERS = 3; // of the doorbell's first word
  private static final int IN_VAIN_MAX = 512;

  private final boolean canDieAsleep;

  DoorbellScene() {
    this(false);
  }

  DoorbellScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "doorbell";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static Doorbell doorbell(CrashStage stage) {
    return Doorbell.at(stage.memory, DOORBELL);
  }

  /** How much was published. */
  private static FutexWord work(CrashStage stage) {
    return stage.memory.word(WORK);
  }

  private static BooleanSupplier isThere(CrashStage stage, int much) {
    FutexWord work = work(stage);
    return () -> work.getVolatile() >= much;
  }

  private static void produce(FutexWord work, Doorbell doorbell) {
    work.getAndAdd(1);
    doorbell.ring();
  }

  /** What the victim did not publish others do; what it published stays unrung if it did not ring. */
  private static void produceUntil(CrashStage stage, int much) {
    while (work(stage).getVolatile() < much) {
      produce(work(stage), doorbell(stage));
    }
  }

  private static void startSleepers(CrashPlay play, int much) {
    BooleanSupplier ready = isThere(play.stage, much);
    play.startAsleep(() -> doorbell(play.stage).await(ready));
    play.startAsleep(() -> doorbell(play.stage).awaitUninterruptibly(ready));
  }

  private static void survivorsOfSleeper(CrashPlay play) {
    play.startVictim();
    play.awaitVictimAsleep();
    startSleepers(play, 1);
    produceUntil(play.stage, 1);
    play.awaitSurvivors();
    checkNobodyAnnounced(play.stage);
  }

  /** Or each ring would cost a system call for ever. */
  private static void checkNobodyAnnounced(CrashStage stage) {
    doorbell(stage).ring();
    if ((stage.get(DOORBELL) & SLEEPERS) != 0) {
      throw new AssertionError("nobody sleeps after a ring, and somebody is announced");
    }
  }
}
