// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.crash.CrashPlay.Survivor;
import org.jfutex.sync.SharedBarrier;

/**
 * A death beside a barrier of three. Who arrived before it died has arrived: it trips when the others came. The next
 * generation misses the dead one; a timed await breaks it, and everybody is told.
 */
enum BarrierScene implements CrashScene {
  OPEN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimGone();
      trip(play, 0);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      barrier(self.stage);
    }
  },

  AWAIT_AS_FIRST(true) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      play.startVictim();
      play.awaitVictimAsleep();
      trip(play, arrived(play.stage));
      missTheDead(play);
    }

    @Override
    public void victim(CrashVictim self) throws Exception {
      awaitTrip(self);
    }
  },

  AWAIT_IN_THE_MIDDLE(true) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      play.startAsleep(barrier(play.stage)::await);
      play.startVictim();
      play.awaitVictimAsleep();
      trip(play, arrived(play.stage));
      missTheDead(play);
    }

    @Override
    public void victim(CrashVictim self) throws Exception {
      awaitTrip(self);
    }
  },

  AWAIT_AS_LAST {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      play.startAsleep(barrier(play.stage)::await);
      play.startAsleep(() -> barrier(play.stage).await(1, TimeUnit.HOURS));
      play.startVictim();
      play.awaitVictimGone();
      if (arrived(play.stage) != 0) {
        trip(play, 2);
      }
      missTheDead(play);
    }

    @Override
    public void victim(CrashVictim self) throws Exception {
      awaitTrip(self);
    }
  },

  /** Its time is over: the barrier is broken, or it died first and has arrived. */
  AWAIT_TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      Survivor other = play.startAsleep(barrier(play.stage)::await);
      play.startVictim();
      play.awaitVictimGone();
      brokenOrTrips(play, other);
    }

    @Override
    public void victim(CrashVictim self) throws Exception {
      SharedBarrier barrier = barrier(self.stage);
      self.arm();
      try {
        barrier.await(2, TimeUnit.MILLISECONDS);
        throw new AssertionError("went on, and " + barrier);
      } catch (TimeoutException e) {
        return;
      }
    }
  },

  AWAIT_INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      Survivor other = play.startAsleep(barrier(play.stage)::await);
      play.startVictim();
      play.awaitVictimGone();
      brokenOrTrips(play, other);
    }

    @Override
    public void victim(CrashVictim self) throws Exception {
      SharedBarrier barrier = barrier(self.stage);
      self.interruptWhenAsleep();
      self.arm();
      try {
        barrier.await();
        throw new AssertionError("went on, and " + barrier);
      } catch (InterruptedException e) {
        return;
      }
    }
  },

  /** Whom it finds there is told that it is broken. */
  RESET {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      Survivor other = play.startAsleep(barrier(play.stage)::await);
      play.startVictim();
      play.awaitVictimGone();
      if (arrived(play.stage) == 0) {
        expectBroken(other);
      }
      brokenOrTrips(play, other);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedBarrier barrier = barrier(self.stage);
      self.arm();
      barrier.reset();
    }
  };

  private static final int PARTIES = 3;

  private final boolean canDieAsleep;

  BarrierScene() {
    this(false);
  }

  BarrierScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "barrier";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedBarrier barrier(CrashStage stage) {
    return SharedBarrier.at(stage.memory, 0, PARTIES);
  }

  private static int arrived(CrashStage stage) {
    return barrier(stage).getNumberWaiting();
  }

  private static void awaitTrip(CrashVictim self) throws Exception {
    SharedBarrier barrier = barrier(self.stage);
    self.arm();
    barrier.await();
  }

  /** The others come: it trips, and all go on. */
  private static void trip(CrashPlay play, int arrived) {
    for (int i = arrived; i < PARTIES - 1; i++) {
      play.startAsleep(barrier(play.stage)::await);
    }
    play.finish(barrier(play.stage)::await);
    play.awaitSurvivors();
    if (arrived(play.stage) != 0 || barrier(play.stage).isBroken()) {
      throw new AssertionError("tripped, and " + barrier(play.stage));
    }
  }

  /** One too few: the barrier breaks. Reset, it is as new. */
  private static void missTheDead(CrashPlay play) throws Exception {
    SharedBarrier barrier = barrier(play.stage);
    Survivor other = play.startAsleep(barrier::await);
    try {
      barrier.await(2, TimeUnit.MILLISECONDS);
      throw new AssertionError("went on, and " + barrier);
    } catch (TimeoutException e) {
      expectBroken(other);
    }
    barrier.reset();
    trip(play, 0);
  }

  private static void brokenOrTrips(CrashPlay play, Survivor other) throws Exception {
    SharedBarrier barrier = barrier(play.stage);
    if (barrier.isBroken()) {
      expectBroken(other);
      play.finish(
          () -> {
            try {
              barrier.await();
              throw new AssertionError("went on, and " + barrier);
            } catch (BrokenBarrierException e) {
              return;
            }
          });
      barrier.reset();
    }
    trip(play, arrived(play.stage));
    missTheDead(play);
  }

  private static void expectBroken(Survivor one) {
    Throwable failure = one.failure();
    if (!(failure instanceof BrokenBarrierException)) {
      throw new AssertionError("one who waits for a broken barrier", failure);
    }
  }
}
