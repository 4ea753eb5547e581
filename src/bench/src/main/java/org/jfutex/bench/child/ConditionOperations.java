// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.ByteBuffer;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** Two processes that take turns under one mutex; who is not on sleeps on its condition. */
final class ConditionOperations {
  private static final int PINGS = 64;
  private static final int PONGS = 128;
  private static final int TURN = 192;

  private static final int PINGS_TURN = 0;
  private static final int PONGS_TURN = 1;
  private static final int STOP = -1;

  private final SharedMutex mutex;
  private final SharedCondition pings;
  private final SharedCondition pongs;
  private final ByteBuffer buffer;
  private final int turn;

  ConditionOperations(MappedMemory memory, int offset) {
    mutex = SharedMutex.at(memory, offset);
    pings = SharedCondition.at(memory, offset + PINGS, mutex);
    pongs = SharedCondition.at(memory, offset + PONGS, mutex);
    buffer = memory.buffer();
    turn = offset + TURN;
  }

  /** A round trip. */
  Loop.Operation ping() {
    return new Loop.Operation() {
      @Override
      public long run(long times) {
        for (long i = 0; i < times; i++) {
          mutex.lock();
          handOver(PONGS_TURN, pongs);
          while (buffer.getInt(turn) != PINGS_TURN) {
            pings.awaitUninterruptibly();
          }
          mutex.unlock();
        }
        return 0;
      }

      /** Ends the pong. */
      @Override
      public void close() {
        mutex.lock();
        handOver(STOP, pongs);
        mutex.unlock();
      }
    };
  }

  /** Returns when the ping is closed. */
  void pong() {
    while (answer()) {
      // A method that never returns would stay in the loop that the JIT compiled first.
    }
  }

  private boolean answer() {
    mutex.lock();
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
      mutex.unlock();
    }
  }

  private void handOver(int next, SharedCondition sleepers) {
    buffer.putInt(turn, next);
    sleepers.signal();
  }
}
