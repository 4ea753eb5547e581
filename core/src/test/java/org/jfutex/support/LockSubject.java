// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jfutex.futex.FutexManager;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * A lock with two conditions, of which a test can see who sleeps where: a {@link SharedMutex} of some kind, or the
 * {@link ReentrantLock} that says what is right. The same tests run on all.
 */
public abstract class LockSubject implements AutoCloseable {
  /** A wait for a condition ends by itself after 500 ms unless set otherwise; a shorter scene cannot have seen that. */
  private static final long UNDISTURBED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** What took longer than that hung. */
  private static final long HUNG_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final int REPETITIONS = 20;

  /** What a test does with one subject. */
  @FunctionalInterface
  public interface Scene {
    void play(LockSubject subject) throws Exception;
  }

  /** Something that a scene needed to happen in time did not: it is to be played again. */
  public static final class TooSlow extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * How a call ended.
   *
   * @param how {@code "returned true"}, {@code "threw InterruptedException"}
   * @param interrupted the interrupt status after it
   * @param holds how often the thread held the lock after it
   */
  public record End(String how, boolean interrupted, int holds) {}

  /**
   * What to make a subject of.
   *
   * @param mutex null for the oracle
   */
  public record Kind(MutexKind mutex) {
    /** Whether the owner can take it again. */
    public boolean isRecursive() {
      return mutex == null || mutex.again() == MutexKind.Again.RECURSIVE;
    }

    /** Whether the kernel, which sees every owner, refuses one that would wait for itself. */
    public boolean isPi() {
      return mutex != null && mutex.priorityInheritance();
    }

    public boolean isOracle() {
      return mutex == null;
    }

    /** Plays a scene with a new subject; again, if it failed and was too slow to tell. */
    public void play(Scene scene) throws Exception {
      for (int repetition = 1; ; repetition++) {
        long start = System.nanoTime();
        try (LockSubject subject = mutex == null ? new Oracle() : new Mutex(mutex)) {
          scene.play(subject);
          return;
        } catch (TooSlow | AssertionError e) {
          long nanos = System.nanoTime() - start;
          boolean disturbed =
              e instanceof TooSlow || nanos > UNDISTURBED_NANOS && nanos < HUNG_NANOS;
          if (!disturbed
              || isOracle() && e instanceof AssertionError
              || repetition == REPETITIONS) {
            throw e;
          }
        } finally {
          Thread.interrupted(); // of a scene that failed between interrupting itself and the call
        }
      }
    }

    @Override
    public String toString() {
      return mutex == null ? "ReentrantLock" : mutex.toString();
    }
  }

  private LockSubject() {}

  /** The oracle and the twelve kinds. */
  public static Stream<Kind> kinds() {
    return Stream.concat(Stream.of(new Kind(null)), Kinds.all().map(Kind::new));
  }

  public abstract Lock lock();

  /** One of two. */
  public abstract Condition condition(int number);

  public final Condition condition() {
    return condition(0);
  }

  /** How often the calling thread holds the lock. */
  public abstract int holds();

  public abstract boolean isLocked();

  abstract boolean isAsleep(Actor<?> actor, boolean forLock);

  @Override
  public abstract void close();

  /** Polls until the actor sleeps in an attempt to take the lock. */
  public final <T> Actor<T> waitsForLock(Actor<T> actor) {
    return waits(actor, true);
  }

  /** Polls until the actor sleeps in an await. */
  public final <T> Actor<T> waitsForCondition(Actor<T> actor) {
    return waits(actor, false);
  }

  private <T> Actor<T> waits(Actor<T> actor, boolean forLock) {
    Eventually.until(
        forLock ? "waits for the lock" : "waits for the condition",
        () -> actor.isDone() || isAsleep(actor, forLock));
    if (actor.isDone()) {
      throw new AssertionError("returned " + actor.result() + ", expected to block");
    }
    return actor;
  }

  /** Makes a call, says how it ended, and gives the lock back entirely. */
  public final End end(Callable<?> call) {
    String how;
    try {
      how = "returned " + call.call();
    } catch (Exception e) {
      how = "threw " + e.getClass().getSimpleName();
    }
    boolean interrupted = Thread.interrupted();
    int holds = holds();
    while (holds() > 0) {
      lock().unlock();
    }
    return new End(how, interrupted, holds);
  }

  /** As {@link #end}, in a thread of its own. */
  public final Actor<End> actor(Callable<?> call) {
    return Actor.start(() -> end(call));
  }

  /** As {@link #actor}, holding the lock when the call is made. */
  public final Actor<End> holder(Callable<?> call) {
    return actor(
        () -> {
          lock().lock();
          return call.call();
        });
  }

  private static final class Oracle extends LockSubject {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Condition> conditions = List.of(lock.newCondition(), lock.newCondition());

    @Override
    public Lock lock() {
      return lock;
    }

    @Override
    public Condition condition(int number) {
      return conditions.get(number);
    }

    @Override
    public int holds() {
      return lock.getHoldCount();
    }

    @Override
    public boolean isLocked() {
      return lock.isLocked();
    }

    @Override
    boolean isAsleep(Actor<?> actor, boolean forLock) {
      Thread thread = actor.thread();
      boolean parked =
          thread.getState() == Thread.State.WAITING
              || thread.getState() == Thread.State.TIMED_WAITING;
      return parked
          && lock.hasQueuedThread(thread) == forLock
          && Arrays.stream(thread.getStackTrace())
              .anyMatch(frame -> frame.getClassName().contains("AbstractQueuedSynchronizer"));
    }

    @Override
    public void close() {}
  }

  private static final class Mutex extends LockSubject {
    private static final FutexManager FUTEXES = FutexManager.system();

    private final TestMemory test = new TestMemory();
    private final SharedMutex mutex;
    private final List<Condition> conditions = new ArrayList<>();

    Mutex(MutexKind kind) {
      mutex = SharedMutex.at(test.memory(), 0, kind, Kinds.NO_REPAIR);
      conditions.add(SharedCondition.at(test.memory(), 64, mutex));
      conditions.add(SharedCondition.at(test.memory(), 128, mutex));
    }

    @Override
    public Lock lock() {
      return mutex;
    }

    @Override
    public Condition condition(int number) {
      return conditions.get(number);
    }

    @Override
    public int holds() {
      return mutex.getHoldCount();
    }

    @Override
    public boolean isLocked() {
      return mutex.isLocked();
    }

    @Override
    boolean isAsleep(Actor<?> actor, boolean forLock) {
      return actor.isBlocked(FUTEXES)
          && FUTEXES.waits().stream()
              .filter(wait -> wait.thread() == actor.thread())
              .anyMatch(wait -> (wait.word().offset() == 0) == forLock);
    }

    @Override
    public void close() {
      test.close();
    }
  }
}
