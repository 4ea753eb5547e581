// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jfutex.crash.CrashPlay.Survivor;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.sync.CompactReadWriteLock;

/**
 * A death beside a compact read-write lock. It does not know its holders: one that died is counted until somebody gives
 * the lock back in its place. Who died while it waited, or after it gave the lock back, holds up nobody.
 */
enum CompactReadWriteScene implements CrashScene {
  READ {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      arm(self);
      lock(self.stage).readLock().lock();
      readAndUnlock(self);
    }
  },

  WRITE {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      arm(self);
      lock(self.stage).writeLock().lock();
      writeAndUnlock(self);
    }
  },

  /** Readers and writers sleep when it gives the lock back. */
  UNLOCK_READ {
    @Override
    public void survivors(CrashPlay play) {
      unlockWithSleepers(play);
    }

    @Override
    public void victim(CrashVictim self) {
      lock(self.stage).readLock().lock();
      self.reach(1);
      arm(self);
      readAndUnlock(self);
    }
  },

  UNLOCK_WRITE {
    @Override
    public void survivors(CrashPlay play) {
      unlockWithSleepers(play);
    }

    @Override
    public void victim(CrashVictim self) {
      unlockWrite(self);
    }
  },

  /** As before; a third takes the lock the moment that the victim dies, if it is free. */
  UNLOCK_WRITE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      barge(play);
      unlockWithSleepers(play);
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) {
      unlockWrite(self);
    }
  },

  /** It sleeps, with readers and writers behind it, until a writer gives the lock back. */
  WAIT_TO_READ(true) {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      arm(self);
      lock(self.stage).readLock().lock();
      readAndUnlock(self);
    }
  },

  WAIT_TO_WRITE(true) {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      arm(self);
      lock(self.stage).writeLock().lock();
      writeAndUnlock(self);
    }
  },

  WAIT_TO_WRITE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      barge(play);
      wakeVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      arm(self);
      lock(self.stage).writeLock().lock();
      writeAndUnlock(self);
    }
  },

  /** Readers that it kept out come in beside the reader that it waited for. */
  GIVE_UP_TO_WRITE {
    @Override
    public void survivors(CrashPlay play) {
      Lock read = lock(play.stage).readLock();
      read.lock();
      play.startVictim();
      play.awaitVictimAsleep();
      Survivor one = play.startAsleep(() -> read(play.stage));
      Survivor other = play.startAsleep(() -> read(play.stage));
      play.awaitVictimGone();
      one.finish();
      other.finish();
      read.unlock();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      arm(self);
      giveUp(lock(self.stage).writeLock());
    }
  },

  GIVE_UP_TO_READ {
    @Override
    public void survivors(CrashPlay play) {
      Lock write = lock(play.stage).writeLock();
      write.lock();
      play.startVictim();
      play.awaitVictimAsleep();
      startSleepers(play);
      play.awaitVictimGone();
      write.unlock();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      arm(self);
      giveUp(lock(self.stage).readLock());
    }
  };

  private static final int DATA = 64;

  /** How the victim holds the lock when it dies, in {@link CrashStage#OWN}. */
  private static final int READS = 1;

  private static final int WRITES = 2;
  private static final int NOTHING = 0;

  private final boolean canDieAsleep;

  CompactReadWriteScene() {
    this(false);
  }

  CompactReadWriteScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "rwlock-compact";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static CompactReadWriteLock lock(CrashStage stage) {
    return CompactReadWriteLock.at(stage.memory, 0);
  }

  /** Who gives the lock back does so in the slot, and wakes others then. */
  private static void arm(CrashVictim self) {
    self.arm(
        lastStep -> {
          if (!lastStep.equals(CrashData.STEP) && !lastStep.startsWith("Cells.")) {
            self.stage.set(CrashStage.OWN, NOTHING);
          }
        });
  }

  private static void readAndUnlock(CrashVictim self) {
    self.stage.set(CrashStage.OWN, READS);
    self.stage.data(DATA).read();
    lock(self.stage).readLock().unlock();
    self.stage.set(CrashStage.OWN, NOTHING);
  }

  private static void writeAndUnlock(CrashVictim self) {
    self.stage.set(CrashStage.OWN, WRITES);
    workAndUnlock(self.stage);
    self.stage.set(CrashStage.OWN, NOTHING);
  }

  private static void read(CrashStage stage) {
    Lock lock = lock(stage).readLock();
    lock.lock();
    stage.data(DATA).read();
    lock.unlock();
  }

  private static void write(CrashStage stage) {
    Lock lock = lock(stage).writeLock();
    lock.lock();
    workAndUnlock(stage);
  }

  private static void workAndUnlock(CrashStage stage) {
    stage.data(DATA).checkWhole();
    stage.data(DATA).work(FutexSyscalls.system().gettid());
    lock(stage).writeLock().unlock();
  }

  private static void unlockWrite(CrashVictim self) {
    lock(self.stage).writeLock().lock();
    self.reach(1);
    arm(self);
    writeAndUnlock(self);
  }

  private static void giveUp(Lock lock) throws InterruptedException {
    if (lock.tryLock(20, TimeUnit.MILLISECONDS)) {
      throw new AssertionError("acquired " + lock);
    }
  }

  private static void barge(CrashPlay play) {
    play.barge(() -> lock(play.stage).writeLock().tryLock(), () -> workAndUnlock(play.stage));
  }

  private static void startSleepers(CrashPlay play) {
    play.startAsleep(() -> read(play.stage));
    play.startAsleep(() -> write(play.stage));
    play.startAsleep(() -> read(play.stage));
    play.startAsleep(() -> write(play.stage));
  }

  private static void unlockWithSleepers(CrashPlay play) {
    play.startVictim();
    play.awaitVictimWaiting();
    startSleepers(play);
    play.letVictimGo();
    passAll(play);
  }

  private static void wakeVictim(CrashPlay play) {
    Lock write = lock(play.stage).writeLock();
    write.lock();
    play.startVictim();
    play.awaitVictimAsleep();
    startSleepers(play);
    write.unlock();
    passAll(play);
  }

  /** All who sleep, and who come then, hold the lock once; nobody holds it then. */
  private static void passAll(CrashPlay play) {
    play.awaitVictimGone();
    freeByHand(play.stage);
    play.awaitSurvivors();
    play.finish(() -> read(play.stage));
    play.finish(() -> write(play.stage));
    if (play.stage.get(0) != 0) {
      throw new AssertionError("the last one left it not free: " + lock(play.stage));
    }
  }

  private static void freeByHand(CrashStage stage) {
    CompactReadWriteLock lock = lock(stage);
    switch (stage.get(CrashStage.OWN)) {
      case READS -> {
        if (lock.getReadLockCount() == 0 || lock.writeLock().tryLock()) {
          throw new AssertionError("a dead reader is not counted: " + lock);
        }
        lock.readLock().unlock();
      }
      case WRITES -> {
        if (!lock.isWriteLocked() || lock.readLock().tryLock()) {
          throw new AssertionError("a dead writer is not counted: " + lock);
        }
        stage.data(DATA).repair();
        lock.writeLock().unlock();
      }
      default -> {}
    }
  }
}
