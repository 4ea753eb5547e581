// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.ByteBuffer;
import org.jfutex.bench.child.AllocationTask.Steps;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** The operations of mutexes and conditions, for {@link AllocationTask}. */
final class MutexAllocations {
  private static final int CACHE_LINE = 64;

  /** Two threads and one mutex more than that. */
  private static final int RING = 3;

  /** After the ring. */
  private static final int TURN = RING * CACHE_LINE;

  private static final int CONDITIONS = TURN + CACHE_LINE;

  private final MappedMemory memory;
  private final MutexKind kind;

  MutexAllocations(MappedMemory memory, MutexKind kind) {
    this.memory = memory;
    this.kind = kind;
  }

  Steps steps(String name) {
    switch (name) {
      case "lock":
        return lock(mutex(0));
      case "hand-off":
        return handOff();
      case "condition":
        return new Steps(
            turns(0, SharedCondition::awaitUninterruptibly),
            turns(1, SharedCondition::awaitUninterruptibly));
      case "condition-interruptible":
        return new Steps(turns(0, SharedCondition::await), turns(1, SharedCondition::await));
      default:
        throw new IllegalArgumentException("no such operation: " + name);
    }
  }

  private SharedMutex mutex(int index) {
    return MutexOperations.mutex(memory, index * CACHE_LINE, kind);
  }

  private static Steps lock(SharedMutex mutex) {
    return new Steps(
        () -> {
          mutex.lock();
          mutex.unlock();
        },
        null);
  }

  /**
   * Two threads follow one another around three mutexes: each holds one, takes the next, and only then gives back the
   * one it held. So the next one is held by the other thread, which sleeps or was just woken, and each step sleeps.
   */
  private Steps handOff() {
    return new Steps(new Walker(0)::step, new Walker(1)::step);
  }

  /** With mutex objects of its own, as in a process of its own. */
  private final class Walker {
    private final SharedMutex[] ring = new SharedMutex[RING];
    private int at;
    private boolean begun;

    Walker(int start) {
      for (int i = 0; i < RING; i++) {
        ring[i] = mutex(i);
      }
      at = start;
    }

    /** The thread that begins is the one that goes on. */
    void step() {
      if (!begun) {
        begun = true;
        ring[at].lock();
      }
      int next = (at + 1) % RING;
      ring[next].lock();
      ring[at].unlock();
      at = next;
    }
  }

  /** One way to sleep. */
  private interface Await {
    void on(SharedCondition condition) throws InterruptedException;
  }

  /** One of two threads that take turns, with objects of its own: waits for its turn, and ends it. */
  private Runnable turns(int me, Await await) {
    SharedMutex mutex = mutex(0);
    SharedCondition mine = condition(me, mutex);
    SharedCondition others = condition(1 - me, mutex);
    ByteBuffer buffer = memory.buffer();
    return () -> {
      mutex.lock();
      try {
        while (buffer.getInt(TURN) != me) {
          await.on(mine);
        }
        buffer.putInt(TURN, 1 - me);
        others.signal();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody was to interrupt", e);
      } finally {
        mutex.unlock();
      }
    };
  }

  private SharedCondition condition(int index, SharedMutex mutex) {
    return SharedCondition.at(memory, CONDITIONS + index * CACHE_LINE, mutex);
  }
}
