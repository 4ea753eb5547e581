// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedReadWriteLock;
import org.jfutex.sync.SharedSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads increment a plain counter under one lock: the second finds what the first wrote. */
public final class ExclusionStress {
  private static final int COUNTER = 0;
  private static final int READERS = 2;

  private ExclusionStress() {}

  /** A counter, and what guards it. */
  private abstract static class Guarded {
    private final Place place = new Place();
    private final Lock lock;

    Guarded(Function<Place, Lock> lock) {
      this.lock = lock.apply(place);
    }

    final int increment() {
      lock.lock();
      int value = place.incrementPlain(COUNTER);
      lock.unlock();
      return value;
    }
  }

  /** As glibc's {@code PTHREAD_MUTEX_NORMAL}. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class NormalMutex extends Guarded {
    public NormalMutex() {
      super(place -> SharedMutex.at(place.memory(), place.offset(), MutexKind.NORMAL));
    }

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }
  }

  /** The kind that one gets unless asked for another. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class RobustMutex extends Guarded {
    public RobustMutex() {
      super(place -> SharedMutex.at(place.memory(), place.offset(), MutexKind.DEFAULT));
    }

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }
  }

  /** The kernel hands it on. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class PriorityMutex extends Guarded {
    public PriorityMutex() {
      super(
          place ->
              SharedMutex.at(
                  place.memory(), place.offset(), MutexKind.NORMAL.priorityInheritance(true)));
    }

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }
  }

  /** Two writers. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class WriteLock extends Guarded {
    public WriteLock() {
      super(
          place ->
              SharedReadWriteLock.at(place.memory(), place.offset(), READERS, null).writeLock());
    }

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }
  }

  /** Two writers of the compact lock. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class CompactWriteLock extends Guarded {
    public CompactWriteLock() {
      super(place -> CompactReadWriteLock.at(place.memory(), place.offset()).writeLock());
    }

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }
  }

  /** A semaphore of one permit. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "an increment is lost")
  @State
  public static class Semaphore {
    private final Place place = new Place();
    private final SharedSemaphore permit = SharedSemaphore.at(place.memory(), place.offset(), 1);

    @Actor
    public void one(II_Result result) {
      result.r1 = increment();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = increment();
    }

    private int increment() {
      permit.acquireUninterruptibly();
      int value = place.incrementPlain(COUNTER);
      permit.release();
      return value;
    }
  }

  /** Nothing guards it: what the others would see if they were wrong. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "one after the other")
  @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "an increment is lost")
  @State
  public static class WithoutLock {
    private final Place place = new Place();

    @Actor
    public void one(II_Result result) {
      result.r1 = place.incrementPlain(COUNTER);
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = place.incrementPlain(COUNTER);
    }
  }
}
