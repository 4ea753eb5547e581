// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.DeadlockException;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;
import org.jfutex.sync.NotRecoverableException;
import org.jfutex.sync.OwnerDiedException;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** What a victim does with a mutex until it dies, and what happens meanwhile. What must follow: {@link MutexPlay}. */
enum MutexAct {
  /** Lock and unlock, nobody else is there. */
  UNCONTENDED {
    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      self.take(mutex, 0);
      self.workAndUnlock(mutex, 0);
    }
  },

  TRY_LOCK {
    @Override
    void victim(MutexVictim self) throws InterruptedException {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      if (mutex.tryLock(1, TimeUnit.SECONDS)) {
        self.workAndUnlock(mutex, 0);
      }
    }
  },

  /** The owner takes it once more. */
  AGAIN {
    @Override
    boolean suits(MutexKind kind) {
      return kind.again() != Again.NORMAL;
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      self.take(mutex, 0);
      try {
        mutex.lock();
        mutex.unlock();
      } catch (DeadlockException e) {
        self.stage.data(0).checkWhole();
      }
      self.workAndUnlock(mutex, 0);
    }
  },

  /** It sleeps, with another behind it, is woken and takes it; then the other's turn comes. */
  TAKE_OVER {
    @Override
    void before(MutexPlay play) {
      play.hold();
    }

    @Override
    void victim(MutexVictim self) {
      takeAndGiveBack(self);
    }

    @Override
    void around(MutexPlay play) {
      play.wakeVictim();
    }
  },

  /** As before; the moment that it dies, a third takes the mutex if it is free. */
  TAKE_OVER_BARGED(true) {
    @Override
    void before(MutexPlay play) {
      play.hold();
    }

    @Override
    void victim(MutexVictim self) {
      takeAndGiveBack(self);
    }

    @Override
    void around(MutexPlay play) {
      play.wakeVictim();
    }
  },

  TAKE_OVER_INTERRUPTIBLY {
    @Override
    void before(MutexPlay play) {
      play.hold();
    }

    @Override
    void victim(MutexVictim self) throws InterruptedException {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      mutex.lockInterruptibly();
      self.workAndUnlock(mutex, 0);
    }

    @Override
    void around(MutexPlay play) {
      play.wakeVictim();
    }
  },

  TIMES_OUT {
    @Override
    void before(MutexPlay play) {
      play.hold();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      Acquisition result = mutex.acquire(Deadline.after(2, TimeUnit.MILLISECONDS));
      if (result != Acquisition.TIMED_OUT) {
        throw new AssertionError(result);
      }
    }

    @Override
    void around(MutexPlay play) {
      play.holdUntilVictimIsGone();
    }
  },

  INTERRUPTED {
    @Override
    void before(MutexPlay play) {
      play.hold();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.interruptWhenAsleep();
      self.arm();
      Acquisition result = mutex.acquireInterruptibly(Deadline.NONE);
      if (result != Acquisition.INTERRUPTED) {
        throw new AssertionError(result);
      }
    }

    @Override
    void around(MutexPlay play) {
      play.holdUntilVictimIsGone();
    }
  },

  /** Another one sleeps while it works. */
  UNLOCK_WITH_WAITER {
    @Override
    void victim(MutexVictim self) {
      unlockWithWaiter(self);
    }

    @Override
    void around(MutexPlay play) {
      play.queueBehindVictim();
    }
  },

  /** As before; a third takes the mutex between the exchange and the wake, if it dies there. */
  UNLOCK_BARGED(true) {
    @Override
    void victim(MutexVictim self) {
      unlockWithWaiter(self);
    }

    @Override
    void around(MutexPlay play) {
      play.queueBehindVictim();
    }
  },

  /** It takes what a dead owner left, and repairs it. */
  RECOVER {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
    }

    @Override
    void victim(MutexVictim self) {
      takeAndGiveBack(self);
    }
  },

  RECOVER_IN_LOCK {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      mutex.lock();
      self.workAndUnlock(mutex, 0);
    }
  },

  /** The owner dies while it sleeps, and another behind it. */
  INHERIT_ASLEEP {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    void victim(MutexVictim self) {
      takeAndGiveBack(self);
    }

    @Override
    void before(MutexPlay play) {
      play.ownerHolds();
    }

    @Override
    void around(MutexPlay play) {
      play.inheritAsleep();
    }
  },

  DECLINE {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust() && !kind.priorityInheritance();
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      mutex.acquire();
      self.reach(1);
      self.arm();
      mutex.decline();
    }

    @Override
    void around(MutexPlay play) {
      play.queueBehindVictim();
    }
  },

  DECLINE_IN_LOCK {
    @Override
    boolean suits(MutexKind kind) {
      return DECLINE.suits(kind);
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutexWithoutRecovery();
      self.arm();
      try {
        mutex.lock();
        throw new AssertionError("nobody said that the owner died");
      } catch (OwnerDiedException e) {
        return;
      }
    }
  },

  /** It gives back unrepaired what a dead owner left: not recoverable. */
  GIVE_UP {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      mutex.acquire();
      self.reach(1);
      self.arm();
      mutex.unlock();
    }

    @Override
    void around(MutexPlay play) {
      play.queueBehindVictim();
    }
  },

  FIND_GIVEN_UP {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    void before(MutexPlay play) {
      play.ownerDies();
      play.giveUp();
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex mutex = self.mutex(0);
      self.arm();
      try {
        mutex.acquire();
        throw new AssertionError("acquired what is not recoverable");
      } catch (NotRecoverableException e) {
        return;
      }
    }
  },

  /** It waits for the condition, with another behind it; both are signalled, one after the other. */
  AWAIT {
    @Override
    void victim(MutexVictim self) throws InterruptedException {
      awaitToken(self, SharedCondition::await);
    }

    @Override
    void around(MutexPlay play) {
      play.signalVictim(false);
    }
  },

  /** As before, both at once. */
  AWAIT_ALL {
    @Override
    void victim(MutexVictim self) throws InterruptedException {
      awaitToken(self, SharedCondition::awaitUninterruptibly);
    }

    @Override
    void around(MutexPlay play) {
      play.signalVictim(true);
    }
  },

  AWAIT_BARGED(true) {
    @Override
    void victim(MutexVictim self) throws InterruptedException {
      awaitToken(self, SharedCondition::awaitUninterruptibly);
    }

    @Override
    void around(MutexPlay play) {
      play.signalVictim(true);
    }
  },

  AWAIT_TIMES_OUT {
    @Override
    void victim(MutexVictim self) throws InterruptedException {
      SharedMutex mutex = self.mutex(0);
      self.take(mutex, 0);
      self.arm();
      self.await(
          self.stage.condition(mutex), condition -> condition.await(2, TimeUnit.MILLISECONDS));
      self.workAndUnlock(mutex, 0);
    }
  },

  /** Who signalled it dies as the owner: await throws, holding the mutex, and unlocking declines. */
  AWAIT_INHERITS {
    @Override
    boolean suits(MutexKind kind) {
      return DECLINE.suits(kind);
    }

    @Override
    void victim(MutexVictim self) throws InterruptedException {
      SharedMutex mutex = self.mutexWithoutRecovery();
      self.take(mutex, 0);
      self.arm();
      try {
        while (true) {
          self.stage.condition(mutex).await();
        }
      } catch (OwnerDiedException e) {
        mutex.unlock();
      }
    }

    @Override
    void around(MutexPlay play) {
      play.signalAndDie();
    }
  },

  /** Two wait for what it signals. */
  SIGNAL {
    @Override
    void before(MutexPlay play) {
      play.startWaiter();
      play.startWaiter();
    }

    @Override
    void victim(MutexVictim self) {
      signalToken(self, false);
    }

    @Override
    void around(MutexPlay play) {
      play.addTokens();
    }
  },

  SIGNAL_ALL {
    @Override
    void before(MutexPlay play) {
      play.startWaiter();
      play.startWaiter();
    }

    @Override
    void victim(MutexVictim self) {
      signalToken(self, true);
    }

    @Override
    void around(MutexPlay play) {
      play.addTokens();
    }
  },

  SIGNAL_BARGED(true) {
    @Override
    void before(MutexPlay play) {
      play.startWaiter();
      play.startWaiter();
    }

    @Override
    void victim(MutexVictim self) {
      signalToken(self, true);
    }

    @Override
    void around(MutexPlay play) {
      play.addTokens();
    }
  },

  /** Three mutexes: the one in the middle is given back first, then the newest, then the oldest. */
  OUT_OF_ORDER {
    @Override
    boolean suits(MutexKind kind) {
      return kind.robust();
    }

    @Override
    int mutexes() {
      return MUTEXES;
    }

    @Override
    void victim(MutexVictim self) {
      SharedMutex[] mutexes = new SharedMutex[MUTEXES];
      self.arm();
      for (int i = 0; i < MUTEXES; i++) {
        mutexes[i] = self.mutex(i);
        self.take(mutexes[i], i);
      }
      self.workAndUnlock(mutexes[1], 1);
      self.workAndUnlock(mutexes[2], 2);
      self.workAndUnlock(mutexes[0], 0);
    }
  };

  static final int MUTEXES = 3;

  /** Whether a third tries to take the mutex the moment that the victim dies. */
  final boolean barges;

  MutexAct() {
    this(false);
  }

  MutexAct(boolean barges) {
    this.barges = barges;
  }

  boolean suits(MutexKind kind) {
    return true;
  }

  /** How many mutexes take part. */
  int mutexes() {
    return 1;
  }

  /** Before the victim comes. */
  void before(MutexPlay play) {}

  abstract void victim(MutexVictim self) throws InterruptedException;

  /** While the victim acts, or after it died: that is for the {@link MutexPlay} to find out. */
  void around(MutexPlay play) {}

  private static void takeAndGiveBack(MutexVictim self) {
    SharedMutex mutex = self.mutex(0);
    self.arm();
    self.take(mutex, 0);
    self.workAndUnlock(mutex, 0);
  }

  private static void unlockWithWaiter(MutexVictim self) {
    SharedMutex mutex = self.mutex(0);
    self.take(mutex, 0);
    self.reach(1);
    self.arm();
    self.workAndUnlock(mutex, 0);
  }

  private static void awaitToken(MutexVictim self, MutexVictim.Waiting waiting)
      throws InterruptedException {
    SharedMutex mutex = self.mutex(0);
    self.take(mutex, 0);
    self.arm();
    self.consumeToken(mutex, waiting);
  }

  private static void signalToken(MutexVictim self, boolean all) {
    SharedMutex mutex = self.mutex(0);
    SharedCondition condition = self.stage.condition(mutex);
    self.take(mutex, 0);
    self.arm();
    self.stage.setTokens(self.stage.tokens() + (all ? 2 : 1));
    if (all) {
      condition.signalAll();
    } else {
      condition.signal();
    }
    self.workAndUnlock(mutex, 0);
  }
}
