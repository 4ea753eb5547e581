// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jfutex.crash.CrashPlay.Survivor;
import org.jfutex.sync.NamedSemaphore;
import org.jfutex.sync.SharedSemaphore;

/**
 * A death beside a semaphore of C's. A permit that was taken is lost with who took it; one that was released is not,
 * and nobody sleeps while there is one.
 */
enum SemaphoreScene implements CrashScene {
  /** Makes it of zeros. */
  OPEN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      play.awaitVictimGone();
      play.finish(() -> semaphore(play.stage, 2).acquire());
      checkPermits(play.stage, 1);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      semaphore(self.stage, 2);
    }
  },

  /** As before; a third comes the moment that it dies, and has to wait for that. */
  OPEN_MEANWHILE {
    @Override
    public void survivors(CrashPlay play) {
      Survivor[] third = new Survivor[1];
      play.barge(
          () -> {
            third[0] = play.startAsleep(() -> semaphore(play.stage, 2));
            return true;
          },
          () -> {});
      play.startVictim();
      play.awaitSurvivors();
      semaphore(play.stage, 2);
      checkPermits(play.stage, 2);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      semaphore(self.stage, 2);
    }
  },

  /** Makes the file that sem_open would make. */
  OPEN_NAMED {
    @Override
    public void survivors(CrashPlay play) throws IOException {
      try {
        play.startVictim();
        play.awaitVictimGone();
        for (int left = 2; left > 0; left--) {
          try (NamedSemaphore semaphore = named(play.stage)) {
            if (semaphore.availablePermits() != left || !semaphore.tryAcquire()) {
              throw new AssertionError("found " + semaphore + ", expected " + left + " permits");
            }
          }
        }
      } finally {
        NamedSemaphore.unlink(nameOf(play.stage));
        deleteUnfinished(play.stage.path.getParent(), play.victimPid());
      }
    }

    @Override
    public boolean isOfProcess() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      self.arm();
      named(self.stage).close();
    }
  },

  ACQUIRE_AND_RELEASE {
    @Override
    public void survivors(CrashPlay play) {
      SharedSemaphore semaphore = semaphore(play.stage, 1);
      play.startVictim();
      play.awaitVictimGone();
      play.giveUntilGone(
          play.startAsleep(semaphore::acquire),
          () -> semaphore.availablePermits() > 0,
          semaphore::release);
      checkPermits(play.stage, 0);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedSemaphore semaphore = semaphore(self.stage, 1);
      self.arm();
      semaphore.acquire();
      semaphore.release();
    }
  },

  /** Three sleep; two permits are released at once. */
  RELEASE {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfRelease(play, semaphore(play.stage, 0));
    }

    @Override
    public void victim(CrashVictim self) {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.arm();
      semaphore.release(2);
    }
  },

  RELEASE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      SharedSemaphore semaphore = semaphore(play.stage, 0);
      play.barge(semaphore::tryAcquire, semaphore::release);
      survivorsOfRelease(play, semaphore);
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.arm();
      semaphore.release(2);
    }
  },

  /** It sleeps with another one. */
  ACQUIRE(true) {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, true);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.arm();
      semaphore.acquire();
    }
  },

  ACQUIRE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      SharedSemaphore semaphore = semaphore(play.stage, 0);
      play.barge(semaphore::tryAcquire, semaphore::release);
      survivorsOfSleeper(play, true);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.arm();
      semaphore.acquireUninterruptibly();
    }
  },

  ACQUIRE_TIMES_OUT {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, false);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.arm();
      semaphore.tryAcquire(1, TimeUnit.MILLISECONDS);
    }
  },

  ACQUIRE_INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) {
      survivorsOfSleeper(play, false);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedSemaphore semaphore = semaphore(self.stage, 0);
      self.interruptWhenAsleep();
      self.arm();
      try {
        semaphore.acquire();
      } catch (InterruptedException e) {
        return;
      }
    }
  };

  private static final int VALUE = 0; // of a sem_t

  private final boolean canDieAsleep;

  SemaphoreScene() {
    this(false);
  }

  SemaphoreScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "semaphore";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedSemaphore semaphore(CrashStage stage, int permits) {
    return SharedSemaphore.at(stage.memory, 0, permits);
  }

  private static NamedSemaphore named(CrashStage stage) throws IOException {
    return NamedSemaphore.openOrCreate(nameOf(stage), 2);
  }

  private static String nameOf(CrashStage stage) {
    return "/" + stage.path.getFileName();
  }

  /** What a dead one leaves is never found by that name. */
  private static void deleteUnfinished(Path folder, long pid) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".jfutex-" + pid + "-*")) {
      for (Path each : files) {
        Files.delete(each);
      }
    }
  }

  private static void survivorsOfRelease(CrashPlay play, SharedSemaphore semaphore) {
    Survivor[] sleepers = new Survivor[3];
    for (int i = 0; i < sleepers.length; i++) {
      sleepers[i] = play.startAsleep(semaphore::acquire);
    }
    play.startVictim();
    play.awaitThird(); // a permit that it still has would be given once more
    int given = play.stage.diedBeforeChange() ? 0 : 2;
    for (Survivor each : sleepers) {
      given += play.giveUntilGone(each, () -> semaphore.availablePermits() > 0, semaphore::release);
    }
    play.awaitSurvivors();
    checkPermits(play.stage, 0);
    if (given != sleepers.length) {
      throw new AssertionError(given + " permits, which is not how many went on");
    }
  }

  /**
   * @param takes whether the victim takes a permit if it lives
   */
  private static void survivorsOfSleeper(CrashPlay play, boolean takes) {
    SharedSemaphore semaphore = semaphore(play.stage, 0);
    play.startVictim();
    play.awaitVictimAsleep();
    Survivor other = play.startAsleep(semaphore::acquire);
    semaphore.release();
    int given = 1;
    for (CrashPlay.Participant each : new CrashPlay.Participant[] {other, play.victim()}) {
      given += play.giveUntilGone(each, () -> semaphore.availablePermits() > 0, semaphore::release);
    }
    play.awaitSurvivors();
    int byVictim = given - semaphore.availablePermits() - 1;
    if (byVictim < (takes && !play.isVictimDead() ? 1 : 0) || byVictim > 1) {
      throw new AssertionError("released " + byVictim + " times more often than others went on");
    }
  }

  private static void checkPermits(CrashStage stage, int expected) {
    int found = stage.get(VALUE);
    if (found != expected) {
      throw new AssertionError("found " + found + " permits, expected " + expected);
    }
  }
}
