// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import org.jfutex.sync.SharedLatch;

/** A death beside a latch: who counted down before it died has done so, and who sleeps goes on when all did. */
enum LatchScene implements CrashScene {
  /** Opens it first; nobody has to wait for who did not. */
  OPEN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimGone();
      open(play.stage, 2);
      play.finish(latch(play.stage)::await);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      latch(self.stage);
    }
  },

  /** Two sleep; it is the first of two that count down. */
  COUNT_DOWN_FIRST {
    @Override
    public void survivors(CrashPlay play) {
      startSleepers(play);
      play.startVictim();
      play.awaitVictimGone();
      open(play.stage, counted(play.stage) ? 1 : 2);
    }

    @Override
    public void victim(CrashVictim self) {
      countDown(self);
    }
  },

  /** It is the last one. */
  COUNT_DOWN_LAST {
    @Override
    public void survivors(CrashPlay play) {
      startSleepers(play);
      latch(play.stage).countDown();
      play.startVictim();
      play.awaitVictimGone();
      open(play.stage, counted(play.stage) ? 0 : 1);
    }

    @Override
    public void victim(CrashVictim self) {
      countDown(self);
    }
  },

  /** It sleeps with another one. */
  AWAIT(true) {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimAsleep();
      startSleepers(play);
      open(play.stage, 2);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedLatch latch = latch(self.stage);
      self.arm();
      latch.await();
    }
  },

  AWAIT_TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      startSleepers(play);
      play.startVictim();
      play.awaitVictimGone();
      open(play.stage, 2);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedLatch latch = latch(self.stage);
      self.arm();
      if (latch.await(2, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("went on, and " + latch);
      }
    }
  };

  private final boolean canDieAsleep;

  LatchScene() {
    this(false);
  }

  LatchScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "latch";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedLatch latch(CrashStage stage) {
    return SharedLatch.at(stage.memory, 0, 2);
  }

  private static void countDown(CrashVictim self) {
    SharedLatch latch = latch(self.stage);
    self.arm();
    latch.countDown();
  }

  /** Whether the victim was. */
  private static boolean counted(CrashStage stage) {
    return !stage.diedBeforeChange();
  }

  private static void startSleepers(CrashPlay play) {
    play.startAsleep(latch(play.stage)::await);
    play.startAsleep(latch(play.stage)::awaitUninterruptibly);
  }

  /** As often as it is missing; all who sleep go on then, and who comes does not sleep. */
  private static void open(CrashStage stage, int missing) {
    SharedLatch latch = latch(stage);
    if (latch.getCount() != missing || latch.tryAwait() != (missing == 0)) {
      throw new AssertionError("found " + latch + ", expected " + missing + " to go");
    }
    for (int i = 0; i < missing; i++) {
      latch.countDown();
    }
    if (!latch.tryAwait()) {
      throw new AssertionError("not open: " + latch);
    }
  }
}
