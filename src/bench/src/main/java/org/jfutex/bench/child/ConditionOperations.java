// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** Two that take turns under one lock; who is not on sleeps on its condition. */
final class ConditionOperations implements WordsOperations.Pair {
  private static final int PINGS = 64;
  private static final int PONGS = 128;
  private static final int TURN = 192;

  private static final long WARM_UP_ROUND_TRIPS = 10_000;

  private static final int PINGS_TURN = 0;
  private static final int PONGS_TURN = 1;
  private static final int STOP = -1;

  private final Lock lock;
  private final Condition pings;
  private final Condition pongs;
  private final ByteBuffer buffer;
  private final int turn;

  private ConditionOperations(
      Lock lock, Condition pings, Condition pongs, ByteBuffer buffer, int turn) {
    this.lock = lock;
    this.pings = pings;
    this.pongs = pongs;
    this.buffer = buffer;
    this.turn = turn;
  }

  static void declare(Tasks tasks) {
    tasks.task(
        "condition-ping FILE OFFSET",
        arguments ->
            Loop.ofTrips(shared(arguments.memory(), arguments.offset()), WARM_UP_ROUND_TRIPS));
    tasks.pong(
        "condition-pong FILE OFFSET",
        arguments -> shared(arguments.memory(), arguments.offset())::pong);
  }

  /** Of two processes, or threads. */
  static ConditionOperations shared(MappedMemory memory, int offset) {
    SharedMutex mutex = SharedMutex.at(memory, offset);
    return new ConditionOperations(
        mutex,
        SharedCondition.at(memory, offset + PINGS, mutex),
        SharedCondition.at(memory, offset + PONGS, mutex),
        memory.buffer(),
        offset + TURN);
  }

  /** Of two threads, by what the JDK has for that. */
  static ConditionOperations reentrant() {
    ReentrantLock lock = new ReentrantLock();
    return new ConditionOperations(
        lock, lock.newCondition(), lock.newCondition(), ByteBuffer.allocate(Integer.BYTES), 0);
  }

  /** A round trip. */
  @Override
  public long run(long times) {
    for (long i = 0; i < times; i++) {
      lock.lock();
      handOver(PONGS_TURN, pongs);
      while (buffer.getInt(turn) != PINGS_TURN) {
        pings.awaitUninterruptibly();
      }
      lock.unlock();
    }
    return 0;
  }

  @Override
  public boolean answer() {
    lock.lock();
    try {
      while (buffer.getInt(turn) == PINGS_TURN) {
        pongs.awaitUninterruptibly();
      }
      if (buffer.getInt(turn) == STOP) {
        return false;
      }
      handOver(PINGS_TURN, pings);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the pong. */
  @Override
  public void close() {
    lock.lock();
    handOver(STOP, pongs);
    lock.unlock();
  }

  private void handOver(int next, Condition sleepers) {
    buffer.putInt(turn, next);
    sleepers.signal();
  }
}
