// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A StackOverflowError may come out of any call, so out of the middle of a robust operation: as if the thread had died
 * there, the mutex is told to be its next owner's, and the thread goes on. In a JVM of its own, which it might end.
 *
 * <p>A thread falls through the bottom of its stack; on the way back, at each of the deepest frames, it locks, unlocks
 * and awaits, until these have room again. Another thread contends for the same mutexes. {@code
 * -Djfutex.overflow.falls=N} and {@code -Djfutex.overflow.seed=N} make other runs.
 */
class StackOverflowTest {
  private static final int FALLS = Integer.getInteger("jfutex.overflow.falls", 40);
  private static final long SEED = Long.getLong("jfutex.overflow.seed", 1);

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-Xmixed", "-Djfutex.syscalls=jna"})
  void leavesNoMutexLocked(String flag) {
    // A wake-up that it lost is not to be made up for.
    List<String> flags =
        List.of(
            flag,
            "-Djfutex.healing=0",
            "-Djfutex.overflow.falls=" + (flag.equals("-Xint") ? FALLS / 4 : FALLS),
            "-Djfutex.overflow.seed=" + SEED);
    ChildJvm.Ended child = ChildJvm.run(flags, StackOverflowTest.class);
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("survived"), child.output());
  }

  public static void main(String[] arguments) {
    try (TestMemory test = new TestMemory()) {
      Falls falls = new Falls(test);
      falls.play(false); // what is initialised for the first time in an overflow is lost for good
      for (int i = 0; i < FALLS; i++) {
        falls.play(true);
      }
      falls.end();
      System.out.println("survived " + falls);
    }
    System.exit(0);
  }

  /** What this thread knows of a mutex. */
  private enum Known {
    FREE,
    HELD,
    /** The same, once or twice: to be left alone until it is checked. */
    HELD_SOMEHOW,
    /** An operation on it was thrown out of its middle. */
    UNKNOWN
  }

  private static final class Falls {
    private static final int COUNT = 12;
    private static final int DEEPEST_FRAMES = 400;
    private static final long STACK_BYTES = 256 * 1024;

    private final SharedMutex[] mutexes = new SharedMutex[COUNT];
    private final SharedCondition[] conditions = new SharedCondition[COUNT];
    private final Known[] known = new Known[COUNT];
    private final SharedMutex probe;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Actor<Void> contender;
    private volatile boolean over;
    private int overflowsOfLock;
    private int overflowsOfUnlock;
    private int overflowsOfAwait;
    private int overflowsOfSecond;
    private int died;
    private int framesLeft;
    private int dice;

    Falls(TestMemory test) {
      List<MutexKind> kinds = Kinds.robust().toList();
      Recovery nothing = mutex -> {};
      for (int i = 0; i < COUNT; i++) {
        mutexes[i] = SharedMutex.at(test.memory(), 128 * i, kinds.get(i % kinds.size()), nothing);
        conditions[i] = SharedCondition.at(test.memory(), 128 * i + 64, mutexes[i]);
      }
      probe = SharedMutex.at(test.memory(), 128 * COUNT, MutexKind.DEFAULT, nothing);
      contender = Actor.start(this::contend);
    }

    private Void contend() {
      SplittableRandom others = new SplittableRandom(SEED + 1);
      while (!over) {
        SharedMutex mutex = mutexes[others.nextInt(COUNT)];
        long deadline = Deadline.after(others.nextInt(200), TimeUnit.MICROSECONDS);
        giveBack(mutex, mutex.acquire(deadline));
      }
      return null;
    }

    private static void giveBack(SharedMutex mutex, Acquisition result) {
      if (result == Acquisition.OWNER_DIED) {
        mutex.makeConsistent();
      }
      if (result != Acquisition.TIMED_OUT) {
        mutex.unlock();
      }
    }

    /** In a thread that ends holding all; the next owner of each is told, so its list was whole. */
    void play(boolean falling) {
      List<Throwable> thrown = new ArrayList<>();
      Thread thread =
          new Thread(
              null,
              () -> {
                for (int i = 0; i < COUNT; i++) {
                  known[i] = Known.FREE;
                }
                if (falling) {
                  for (int i = 0; i < 3; i++) {
                    dice = random.nextInt() | 1;
                    framesLeft = DEEPEST_FRAMES;
                    for (int j = 0; j < COUNT; j++) {
                      if (random.nextBoolean()) {
                        mutexes[j].lock();
                        known[j] = Known.HELD;
                      }
                    }
                    fall(random.nextInt(200));
                    check();
                  }
                } else {
                  framesLeft = 4_000;
                  while (framesLeft > 0) {
                    act();
                  }
                  check();
                }
                for (SharedMutex mutex : mutexes) {
                  mutex.lock();
                }
              },
              "falls",
              STACK_BYTES);
      thread.setUncaughtExceptionHandler((t, e) -> thrown.add(e));
      thread.start();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      for (Throwable e : thrown) {
        throw new AssertionError("seed " + SEED + ", " + this, e);
      }
      for (SharedMutex mutex : mutexes) {
        // The contender may have been the one who was told.
        giveBack(mutex, acquire(mutex));
      }
    }

    /** Frames of two sizes, so that the bottom is at another place each time. */
    private void fall(int wide) {
      if (wide > 0) {
        fallWide(wide, 0, 0, 0);
      } else {
        fallOn();
      }
    }

    private long fallWide(int wide, long a, long b, long c) {
      fall(wide - 1);
      return a + b + c;
    }

    private void fallOn() {
      try {
        fallOn();
      } catch (StackOverflowError e) {
        // the bottom
      }
      if (framesLeft > 0) {
        act();
      }
    }

    /** No calls but the operations themselves: there may be no room. */
    private void act() {
      framesLeft--;
      dice ^= dice << 13;
      dice ^= dice >>> 17;
      dice ^= dice << 5;
      int i = (dice >>> 1) % COUNT;
      boolean awaits = (dice >>> 24 & 7) == 0;
      Known before = known[i];
      if (before == Known.UNKNOWN || before == Known.HELD_SOMEHOW) {
        return;
      }
      if (before == Known.HELD && (dice >>> 27 & 3) == 0) {
        takeAgain(i);
        return;
      }
      known[i] = Known.UNKNOWN;
      if (before == Known.FREE) {
        try {
          mutexes[i].lock();
          known[i] = Known.HELD;
        } catch (StackOverflowError e) {
          overflowsOfLock++;
        }
      } else if (awaits) {
        try {
          conditions[i].awaitNanos(1);
          known[i] = Known.HELD;
        } catch (StackOverflowError e) {
          overflowsOfAwait++;
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      } else {
        try {
          mutexes[i].unlock();
          known[i] = Known.FREE;
        } catch (StackOverflowError e) {
          overflowsOfUnlock++;
        }
      }
    }

    /** Whatever becomes of that, this thread holds it as before. A message would need more room than there is. */
    private void takeAgain(int i) {
      try {
        if (mutexes[i].tryLock()) {
          mutexes[i].unlock();
        }
      } catch (StackOverflowError e) {
        known[i] = Known.HELD_SOMEHOW;
        overflowsOfSecond++;
      }
    }

    private static Acquisition acquire(SharedMutex mutex) {
      Acquisition result = mutex.acquire(Deadline.after(20, TimeUnit.SECONDS));
      if (result == Acquisition.TIMED_OUT) {
        throw new AssertionError("locked for ever: " + mutex);
      }
      return result;
    }

    private void check() {
      probe.lock(); // any robust operation repairs
      probe.unlock();
      for (int i = 0; i < COUNT; i++) {
        SharedMutex mutex = mutexes[i];
        boolean held = mutex.isHeldByCurrentThread();
        if (known[i] != Known.UNKNOWN && held == (known[i] == Known.FREE)) {
          throw new AssertionError("expected " + known[i] + ", found " + mutex);
        }
        if (held) {
          if (mutex.ownerField() == MutexLayout.OWNER_INCONSISTENT) {
            mutex.makeConsistent();
          }
          while (mutex.isHeldByCurrentThread()) {
            mutex.unlock();
          }
        }
        Acquisition result = acquire(mutex);
        if (result == Acquisition.OWNER_DIED) {
          died++;
        }
        giveBack(mutex, result);
        known[i] = Known.FREE;
      }
    }

    void end() {
      over = true;
      contender.result();
      for (SharedMutex mutex : mutexes) {
        if (acquire(mutex) != Acquisition.ACQUIRED) {
          throw new AssertionError("found " + mutex);
        }
        mutex.unlock();
      }
    }

    @Override
    public String toString() {
      return overflowsOfLock
          + " overflows in lock, "
          + overflowsOfUnlock
          + " in unlock, "
          + overflowsOfAwait
          + " in await, "
          + overflowsOfSecond
          + " in taking it again; "
          + died
          + " repaired";
    }
  }
}
