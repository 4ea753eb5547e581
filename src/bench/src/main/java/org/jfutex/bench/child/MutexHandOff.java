// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedMutex;

/**
 * Two processes that hand a mutex to each other: nanoseconds from before the unlock of one until the lock of the other
 * has returned; {@code turns-peer.c} in Java.
 *
 * <p>A mutex is not fair, so the hand-off is forced, and the sleep before it: who has the mutex works for longer than
 * anyone spins; and who gave it back waits, awake, until the other one has it. The ping has it between slices.
 *
 * <pre>
 *     0  mutex
 *    64  holder  u32  who had it last
 *   128  given   u64  when it was given back, by the clock of all processes
 * </pre>
 */
final class MutexHandOff implements Task {
  private static final int HOLDER = 64;
  private static final int GIVEN = 128;

  private static final int NOBODY = 0;
  private static final int PING = 1;
  private static final int PONG = 2;
  private static final int STOP = 3;

  private static final long WORK_NANOS = 100_000;
  private static final long NAP_NANOS = 50_000;
  private static final int WARM_UP = 5_000;

  private final SharedMutex mutex;
  private final FutexWord holder;
  private final ByteBuffer buffer;
  private final int given;
  private final int self;

  private MutexHandOff(Arguments arguments, int self) throws IOException {
    MappedMemory memory = arguments.memory();
    mutex = MutexOperations.mutex(arguments);
    holder = memory.word(arguments.offset() + HOLDER);
    buffer = memory.buffer();
    given = arguments.offset() + GIVEN;
    this.self = self;
  }

  static void declare(Tasks tasks) {
    tasks.task("mutex-hand-off-ping FILE OFFSET KIND", MutexHandOff::ping);
    tasks.pong(
        "mutex-hand-off-pong FILE OFFSET KIND",
        arguments -> new MutexHandOff(arguments, PONG)::pong);
  }

  private static MutexHandOff ping(Arguments arguments) throws IOException {
    MutexHandOff ping = new MutexHandOff(arguments, PING);
    ping.take();
    for (int i = 0; i < WarmUp.of(WARM_UP); i++) {
      ping.there();
    }
    return ping;
  }

  @Override
  public Slice slice(long millis) {
    return Latencies.slice(millis, this::there);
  }

  /** And back, which is what takes so long. */
  private long there() {
    give();
    return take();
  }

  private long take() {
    mutex.lock();
    long nanos = System.nanoTime() - buffer.getLong(given);
    if (!isStopped()) {
      holder.setVolatile(self);
    }
    return nanos;
  }

  private void give() {
    long end = System.nanoTime() + WORK_NANOS;
    while (System.nanoTime() - end < 0) {
      // It works.
    }
    buffer.putLong(given, System.nanoTime());
    mutex.unlock();
    while (holder.getVolatile() == self) {
      Thread.onSpinWait();
    }
  }

  private boolean isStopped() {
    return holder.getVolatile() == STOP;
  }

  private void pong() {
    while (holder.getVolatile() == NOBODY) {
      LockSupport.parkNanos(NAP_NANOS);
    }
    while (answers()) {
      // Again.
    }
  }

  /** Returns false when the ping was closed. A method that never returns would stay as the JIT compiled it first. */
  private boolean answers() {
    take();
    if (isStopped()) {
      mutex.unlock();
      return false;
    }
    give();
    return true;
  }

  @Override
  public void close() {
    holder.setVolatile(STOP);
    mutex.unlock();
  }
}
