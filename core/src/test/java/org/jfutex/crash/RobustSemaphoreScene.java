// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jfutex.crash.CrashPlay.Doomed;
import org.jfutex.sync.RobustSemaphore;

/** A death beside a robust semaphore of two permits: both are there again, and nobody sleeps while one is free. */
enum RobustSemaphoreScene implements CrashScene {
  OPEN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play, new AtomicInteger());
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      semaphore(self.stage);
    }
  },

  ACQUIRE_AND_RELEASE {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play, new AtomicInteger());
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      acquireAndRelease(self);
    }
  },

  /** Three sleep when it gives both back, one after the other. */
  RELEASE {
    @Override
    public void survivors(CrashPlay play) {
      releaseWithSleepers(play);
    }

    @Override
    public void victim(CrashVictim self) {
      release(self);
    }
  },

  /** As before; a third takes a permit the moment that the victim dies, if one is free. */
  RELEASE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      RobustSemaphore semaphore = semaphore(play.stage);
      play.barge(semaphore::tryAcquire, semaphore::release);
      releaseWithSleepers(play);
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) {
      release(self);
    }
  },

  /** It sleeps with three others; both permits are given back at once, so that it may be woken for both. */
  ACQUIRE(true) {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      acquireAndRelease(self);
    }
  },

  ACQUIRE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      RobustSemaphore semaphore = semaphore(play.stage);
      play.barge(semaphore::tryAcquire, semaphore::release);
      wakeVictim(play);
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      acquireAndRelease(self);
    }
  },

  /** It sleeps with three others when the holder of both dies. */
  INHERIT {
    @Override
    public void survivors(CrashPlay play) {
      AtomicInteger inside = new AtomicInteger();
      Doomed holder = play.startDoomed(() -> takeBoth(play.stage));
      play.startVictim();
      play.awaitVictimAsleep();
      startSleepers(play, inside);
      holder.die();
      passAll(play, inside);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      acquireAndRelease(self);
    }
  },

  /** It may be woken, and give up, at the same moment. */
  TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      RobustSemaphore semaphore = semaphore(self.stage);
      self.arm();
      if (semaphore.tryAcquire(2, TimeUnit.MILLISECONDS)) {
        semaphore.release();
      }
    }
  },

  INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      RobustSemaphore semaphore = semaphore(self.stage);
      self.interruptWhenAsleep();
      self.arm();
      try {
        semaphore.acquire();
        semaphore.release();
      } catch (InterruptedException e) {
        return;
      }
    }
  };

  private static final int PERMITS = 2;

  private final boolean canDieAsleep;

  RobustSemaphoreScene() {
    this(false);
  }

  RobustSemaphoreScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "semaphore-robust";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static RobustSemaphore semaphore(CrashStage stage) {
    return RobustSemaphore.at(stage.memory, 0, PERMITS);
  }

  private static void takeBoth(CrashStage stage) {
    if (!semaphore(stage).tryAcquire(PERMITS)) {
      throw new AssertionError("not free: " + semaphore(stage));
    }
  }

  private static void acquireAndRelease(CrashVictim self) throws InterruptedException {
    RobustSemaphore semaphore = semaphore(self.stage);
    self.arm();
    semaphore.acquire();
    semaphore.release();
  }

  private static void release(CrashVictim self) {
    takeBoth(self.stage);
    self.reach(1);
    self.arm();
    semaphore(self.stage).release();
    semaphore(self.stage).release();
  }

  private static void releaseWithSleepers(CrashPlay play) {
    AtomicInteger inside = new AtomicInteger();
    play.startVictim();
    play.awaitVictimWaiting();
    startSleepers(play, inside);
    play.letVictimGo();
    passAll(play, inside);
  }

  private static void wakeVictim(CrashPlay play) {
    AtomicInteger inside = new AtomicInteger();
    takeBoth(play.stage);
    play.startVictim();
    play.awaitVictimAsleep();
    startSleepers(play, inside);
    semaphore(play.stage).release(PERMITS);
    passAll(play, inside);
  }

  private static void startSleepers(CrashPlay play, AtomicInteger inside) {
    for (int i = 0; i < PERMITS + 1; i++) {
      play.startAsleep(() -> pass(play.stage, inside));
    }
  }

  /** Takes a permit, and is inside with one other at most. */
  private static void pass(CrashStage stage, AtomicInteger inside) throws InterruptedException {
    RobustSemaphore semaphore = semaphore(stage);
    semaphore.acquire();
    if (inside.incrementAndGet() > PERMITS) {
      throw new AssertionError("too many took a permit: " + semaphore);
    }
    Thread.yield();
    inside.decrementAndGet();
    semaphore.release();
  }

  /** All who sleep, and one who comes then, have had a permit; both are there. */
  private static void passAll(CrashPlay play, AtomicInteger inside) {
    play.awaitSurvivors();
    play.finish(() -> pass(play.stage, inside));
    RobustSemaphore semaphore = semaphore(play.stage);
    if (semaphore.availablePermits() != PERMITS) {
      throw new AssertionError("a permit was lost: " + semaphore);
    }
    takeBoth(play.stage);
    semaphore.release(PERMITS);
  }
}
