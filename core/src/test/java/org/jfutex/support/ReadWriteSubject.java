// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.SharedReadWriteLock;

/** A read-write lock of which a test can see who sleeps: one of ours, or the one that says what is right. */
public final class ReadWriteSubject implements AutoCloseable {
  private static final FutexManager FUTEXES = FutexManager.system();

  /** What to make a subject of. */
  public enum Kind {
    ORACLE,
    CRASH_SAFE,
    COMPACT,
    COMPACT_PRIVATE;

    /** In shared memory; null for the oracle. */
    public ReadWriteLock at(MappedMemory memory, long offset) {
      return switch (this) {
        case ORACLE -> null;
        case CRASH_SAFE -> SharedReadWriteLock.at(memory, offset);
        case COMPACT -> CompactReadWriteLock.at(memory, offset);
        case COMPACT_PRIVATE -> CompactReadWriteLock.at(memory.privateWord(offset));
      };
    }

    /** Whether it knows who holds it. */
    public boolean knowsItsHolders() {
      return this != COMPACT && this != COMPACT_PRIVATE;
    }
  }

  private final TestMemory test = new TestMemory();
  private final ReentrantReadWriteLock oracle = new ReentrantReadWriteLock();
  private final Kind kind;
  private final ReadWriteLock lock;

  public ReadWriteSubject(Kind kind) {
    this.kind = kind;
    lock = kind == Kind.ORACLE ? oracle : kind.at(test.memory(), 0);
  }

  public Kind kind() {
    return kind;
  }

  public MappedMemory memory() {
    return test.memory();
  }

  public Lock read() {
    return lock.readLock();
  }

  public Lock write() {
    return lock.writeLock();
  }

  /** Polls until the actor sleeps. */
  public <T> Actor<T> asleep(Actor<T> actor) {
    if (kind != Kind.ORACLE) {
      return actor.awaitBlocked(FUTEXES);
    }
    Eventually.until(
        "actor queued", () -> actor.isDone() || oracle.hasQueuedThread(actor.thread()));
    if (actor.isDone()) {
      throw new AssertionError("returned " + actor.result() + ", expected to block");
    }
    return actor;
  }

  /** Takes a lock and gives it back, in a thread of its own; asleep by now. */
  public Actor<Void> sleeper(Lock half) {
    return asleep(pass(half));
  }

  /** Takes a lock and gives it back, in a thread of its own. */
  public static Actor<Void> pass(Lock half) {
    return call(
        () -> {
          half.lock();
          half.unlock();
          return null;
        });
  }

  /** A call in a thread of its own. */
  public static <T> Actor<T> call(Callable<T> body) {
    return Actor.start(body);
  }

  /** A thread that holds a lock until it is told to give it back. */
  public static final class Holder {
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final Actor<Void> actor;

    public Holder(Lock half) {
      actor =
          Actor.start(
              () -> {
                half.lock();
                held.countDown();
                over.await();
                half.unlock();
                return null;
              });
      Eventually.until("holds", () -> held.getCount() == 0 || actor.isDone());
      if (actor.isDone()) {
        actor.result();
      }
    }

    public void release() {
      over.countDown();
      actor.result();
    }
  }

  @Override
  public void close() {
    test.close();
  }
}
