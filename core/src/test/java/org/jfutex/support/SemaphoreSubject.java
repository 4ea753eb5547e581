// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.RobustSemaphore;
import org.jfutex.sync.SharedSemaphore;

/**
 * The methods of {@link Semaphore}: of that one, which says what is right, or of one of ours, which have the same
 * names. The same tests run on all.
 */
public interface SemaphoreSubject {
  /** What to make a subject of. */
  enum Kind {
    ORACLE,
    SHARED,
    ONE_JVM,
    ROBUST;

    private static final int OFFSET = 64;

    public SemaphoreSubject of(MappedMemory memory, int permits) {
      return subject(
          switch (this) {
            case ORACLE -> new Semaphore(permits);
            case SHARED -> SharedSemaphore.at(memory, OFFSET, permits);
            case ONE_JVM -> SharedSemaphore.at(memory.privateWord(OFFSET), permits);
            case ROBUST -> RobustSemaphore.at(memory, OFFSET, permits);
          });
    }

    /** Polls until the actor sleeps. */
    public <T> Actor<T> sleeps(Actor<T> actor) {
      Eventually.until("waits for a permit", () -> actor.isDone() || isAsleep(actor));
      if (actor.isDone()) {
        throw new AssertionError("returned " + actor.result() + ", expected to block");
      }
      return actor;
    }

    private boolean isAsleep(Actor<?> actor) {
      Thread.State state = actor.thread().getState();
      return this == ORACLE
          ? state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING
          : actor.isBlocked(FutexManager.system());
    }
  }

  void acquire() throws InterruptedException;

  void acquireUninterruptibly();

  boolean tryAcquire();

  boolean tryAcquire(long timeout, TimeUnit unit) throws InterruptedException;

  void acquire(int permits) throws InterruptedException;

  void acquireUninterruptibly(int permits);

  boolean tryAcquire(int permits);

  boolean tryAcquire(int permits, long timeout, TimeUnit unit) throws InterruptedException;

  void release();

  void release(int permits);

  int availablePermits();

  int drainPermits();

  boolean hasQueuedThreads();

  int getQueueLength();

  /** The subject that has the methods of an object. */
  private static SemaphoreSubject subject(Object semaphore) {
    return (SemaphoreSubject)
        Proxy.newProxyInstance(
            SemaphoreSubject.class.getClassLoader(),
            new Class<?>[] {SemaphoreSubject.class},
            (proxy, method, arguments) -> {
              try {
                return semaphore
                    .getClass()
                    .getMethod(method.getName(), method.getParameterTypes())
                    .invoke(semaphore, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
