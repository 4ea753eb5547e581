// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jfutex.crash.CrashPlay.Doomed;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.OwnerDiedException;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedReadWriteLock;

/**
 * A death beside a crash-safe read-write lock of two slots. A dead reader is as if it had given the lock back; after a
 * writer that died inside the next one is told, once, and whoever was told nothing finds whole data.
 */
enum ReadWriteScene implements CrashScene {
  OPEN {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      self.arm();
      lock(self.stage);
    }
  },

  /** Twice at once. */
  READ {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      Lock read = lock(self.stage).readLock();
      self.arm();
      read.lock();
      read.lock();
      read.unlock();
      readAndUnlock(self.stage, read);
    }
  },

  /** Twice at once. */
  WRITE {
    @Override
    public void survivors(CrashPlay play) {
      play.startVictim();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      Lock write = lock(self.stage).writeLock();
      self.arm();
      write.lock();
      write.lock();
      write.unlock();
      writeAndUnlock(self.stage, write);
    }
  },

  /** A writer that reads, and gives the write lock back first. */
  DOWNGRADE {
    @Override
    public void survivors(CrashPlay play) {
      queueBehindVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedReadWriteLock lock = lock(self.stage);
      lock.writeLock().lock();
      self.reach(1);
      self.arm();
      self.stage.data(DATA).work(self.tid);
      lock.readLock().lock();
      lock.writeLock().unlock();
      readAndUnlock(self.stage, lock.readLock());
    }
  },

  /** Writers sleep when it gives the lock back, one of them for it alone, and readers. */
  UNLOCK_READ {
    @Override
    public void survivors(CrashPlay play) {
      queueBehindVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      unlockRead(self);
    }
  },

  UNLOCK_READ_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      barge(play);
      queueBehindVictim(play);
    }

    @Override
    public void victim(CrashVictim self) {
      unlockRead(self);
    }
  },

  UNLOCK_WRITE {
    @Override
    public void survivors(CrashPlay play) {
      queueBehindVictim(play);
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
      queueBehindVictim(play);
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
      wakeVictim(play, lock(play.stage).writeLock());
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      Lock read = lock(self.stage).readLock();
      self.arm();
      read.lockInterruptibly();
      readAndUnlock(self.stage, read);
    }
  },

  WAIT_TO_WRITE(true) {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play, lock(play.stage).writeLock());
    }

    @Override
    public void victim(CrashVictim self) {
      write(self);
    }
  },

  WAIT_TO_WRITE_BARGED {
    @Override
    public void survivors(CrashPlay play) {
      barge(play);
      wakeVictim(play, lock(play.stage).writeLock());
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) {
      write(self);
    }
  },

  /** It has the queue behind it, and waits for a reader. */
  WAIT_FOR_READER(true) {
    @Override
    public void survivors(CrashPlay play) {
      wakeVictim(play, lock(play.stage).readLock());
    }

    @Override
    public void victim(CrashVictim self) {
      write(self);
    }
  },

  /** Two read, and it waits for one of their slots, until they die. */
  WAIT_FOR_SLOT(true) {
    @Override
    public void survivors(CrashPlay play) {
      Doomed[] readers = new Doomed[SLOTS];
      for (int i = 0; i < SLOTS; i++) {
        readers[i] = play.startDoomed(() -> lock(play.stage).readLock().lock());
      }
      play.startVictim();
      play.awaitVictimAsleep();
      startSleepers(play);
      for (Doomed each : readers) {
        each.die();
      }
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      read(self);
    }
  },

  /** A writer died inside; it repairs what that left, or the next one does. */
  RECOVER {
    @Override
    public void survivors(CrashPlay play) {
      passAfterADeath(play);
    }

    @Override
    public void victim(CrashVictim self) {
      write(self);
    }
  },

  RECOVER_TO_READ {
    @Override
    public void survivors(CrashPlay play) {
      passAfterADeath(play);
    }

    @Override
    public void victim(CrashVictim self) {
      read(self);
    }
  },

  RECOVER_BY_HAND {
    @Override
    public void survivors(CrashPlay play) {
      passAfterADeath(play);
    }

    @Override
    public void victim(CrashVictim self) {
      SharedReadWriteLock lock = lock(self.stage, null);
      self.arm();
      if (lock.writeLock().acquire() != Acquisition.OWNER_DIED) {
        throw new AssertionError("nobody said that a writer died inside: " + lock);
      }
      self.stage.data(DATA).repair();
      lock.writeLock().makeConsistent();
      writeAndUnlock(self.stage, lock.writeLock());
    }
  },

  /** It cannot repair what a dead writer left, and leaves it to the next one. */
  DECLINE {
    @Override
    public void survivors(CrashPlay play) {
      passAfterADeath(play);
    }

    @Override
    public void victim(CrashVictim self) {
      decline(self, lock(self.stage, null).writeLock());
    }
  },

  DECLINE_TO_READ {
    @Override
    public void survivors(CrashPlay play) {
      passAfterADeath(play);
    }

    @Override
    public void victim(CrashVictim self) {
      decline(self, lock(self.stage, null).readLock());
    }
  },

  /** The writer dies while it sleeps, and others behind it. */
  INHERIT {
    @Override
    public void survivors(CrashPlay play) {
      Doomed writer = startDyingWriter(play);
      play.startVictim();
      play.awaitVictimAsleep();
      startSleepers(play);
      writer.die();
      passAll(play);
    }

    @Override
    public void victim(CrashVictim self) {
      write(self);
    }
  },

  /** It waits for a reader, with others behind it, and gives up: readers come in beside that one. */
  GIVE_UP_TO_WRITE {
    @Override
    public void survivors(CrashPlay play) {
      giveUpBeside(play, lock(play.stage).readLock());
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      giveUp(self, lock(self.stage).writeLock());
    }
  },

  GIVE_UP_TO_READ {
    @Override
    public void survivors(CrashPlay play) {
      giveUpBeside(play, lock(play.stage).writeLock());
    }

    @Override
    public void victim(CrashVictim self) throws InterruptedException {
      giveUp(self, lock(self.stage).readLock());
    }
  },

  INTERRUPTED {
    @Override
    public void survivors(CrashPlay play) {
      giveUpBeside(play, lock(play.stage).readLock());
    }

    @Override
    public void victim(CrashVictim self) {
      Lock write = lock(self.stage).writeLock();
      self.interruptWhenAsleep();
      self.arm();
      try {
        write.lockInterruptibly();
        throw new AssertionError("acquired " + write);
      } catch (InterruptedException e) {
        return;
      }
    }
  };

  private static final int SLOTS = 2;
  private static final int DATA = 256;
  private static final int TOLD = 320; // how many survivors were told that a writer died inside
  private static final int WRITER_DIED = 324; // another one than the victim
  private static final int WRITER = 0; // of the lock
  private static final int INSIDE = 52;

  private final boolean canDieAsleep;

  ReadWriteScene() {
    this(false);
  }

  ReadWriteScene(boolean canDieAsleep) {
    this.canDieAsleep = canDieAsleep;
  }

  @Override
  public String primitive() {
    return "rwlock";
  }

  @Override
  public boolean canDieAsleep() {
    return canDieAsleep;
  }

  private static SharedReadWriteLock lock(CrashStage stage) {
    return lock(stage, mutex -> stage.data(DATA).repair());
  }

  private static SharedReadWriteLock lock(CrashStage stage, Recovery recovery) {
    return SharedReadWriteLock.at(stage.memory, 0, SLOTS, recovery);
  }

  // What victims do.

  private static void readAndUnlock(CrashStage stage, Lock read) {
    stage.data(DATA).read();
    read.unlock();
  }

  private static void writeAndUnlock(CrashStage stage, Lock write) {
    stage.data(DATA).checkWhole();
    stage.data(DATA).work(FutexSyscalls.system().gettid());
    write.unlock();
  }

  private static void read(CrashVictim self) {
    Lock read = lock(self.stage).readLock();
    self.arm();
    read.lock();
    readAndUnlock(self.stage, read);
  }

  private static void write(CrashVictim self) {
    Lock write = lock(self.stage).writeLock();
    self.arm();
    write.lock();
    writeAndUnlock(self.stage, write);
  }

  private static void unlockRead(CrashVictim self) {
    Lock read = lock(self.stage).readLock();
    read.lock();
    self.reach(1);
    self.arm();
    readAndUnlock(self.stage, read);
  }

  private static void unlockWrite(CrashVictim self) {
    Lock write = lock(self.stage).writeLock();
    write.lock();
    self.reach(1);
    self.arm();
    writeAndUnlock(self.stage, write);
  }

  private static void decline(CrashVictim self, Lock lock) {
    self.arm();
    try {
      lock.lock();
      throw new AssertionError("nobody said that a writer died inside: " + lock);
    } catch (OwnerDiedException e) {
      return;
    }
  }

  private static void giveUp(CrashVictim self, Lock lock) throws InterruptedException {
    self.arm();
    if (lock.tryLock(20, TimeUnit.MILLISECONDS)) {
      throw new AssertionError("acquired " + lock);
    }
  }

  // What survivors do.

  private static SharedReadWriteLock lockOfSurvivor(CrashPlay play) {
    return lock(
        play.stage,
        mutex -> {
          play.stage.set(TOLD, play.stage.get(TOLD) + 1);
          play.stage.data(DATA).repair();
        });
  }

  private static void read(CrashPlay play) {
    Lock read = lockOfSurvivor(play).readLock();
    read.lock();
    readAndUnlock(play.stage, read);
  }

  private static void write(CrashPlay play) {
    Lock write = lockOfSurvivor(play).writeLock();
    write.lock();
    writeAndUnlock(play.stage, write);
  }

  private static void startSleepers(CrashPlay play) {
    play.startAsleep(() -> write(play));
    play.startAsleep(() -> read(play));
    play.startAsleep(() -> write(play));
    play.startAsleep(() -> read(play));
  }

  private static void queueBehindVictim(CrashPlay play) {
    play.startVictim();
    play.awaitVictimWaiting();
    startSleepers(play);
    play.letVictimGo();
    passAll(play);
  }

  /** This thread holds the lock until the victim sleeps, and others behind it. */
  private static void wakeVictim(CrashPlay play, Lock held) {
    held.lock();
    play.startVictim();
    play.awaitVictimAsleep();
    startSleepers(play);
    held.unlock();
    passAll(play);
  }

  private static void giveUpBeside(CrashPlay play, Lock held) {
    held.lock();
    play.startVictim();
    play.awaitVictimAsleep();
    play.start(() -> read(play));
    play.start(() -> write(play));
    play.awaitVictimGone();
    held.unlock();
    passAll(play);
  }

  private static Doomed startDyingWriter(CrashPlay play) {
    play.stage.set(WRITER_DIED, 1);
    return play.startDoomed(
        () -> {
          lock(play.stage).writeLock().lock();
          play.stage.data(DATA).begin(FutexSyscalls.system().gettid());
        });
  }

  private static void barge(CrashPlay play) {
    Lock write = lockOfSurvivor(play).writeLock();
    play.barge(write::tryLock, () -> writeAndUnlock(play.stage, write));
  }

  /** A writer dies inside, and then the victim comes. */
  private static void passAfterADeath(CrashPlay play) {
    startDyingWriter(play).die();
    play.startVictim();
    passAll(play);
  }

  /** All who sleep, and who come then, hold the lock once; of each that died inside one is told. */
  private static void passAll(CrashPlay play) {
    play.awaitSurvivors();
    play.finish(() -> read(play));
    play.finish(() -> write(play));
    SharedReadWriteLock lock = lock(play.stage);
    if (lock.isWriteLocked() || lock.getReadLockCount() != 0) {
      throw new AssertionError("the last one left it not free: " + lock);
    }
    int told = play.stage.get(TOLD);
    int died = play.isVictimDead() && diedInside(play.stage) ? 1 : 0;
    if (told < died || told > died + play.stage.get(WRITER_DIED)) {
      throw new AssertionError(told + " were told that a writer died inside");
    }
  }

  private static boolean diedInside(CrashStage stage) {
    int writer = MutexStage.tidIn(stage.atDeath(WRITER));
    return writer == stage.get(CrashStage.VICTIM_TID) && stage.atDeath(INSIDE) != 0;
  }
}
