// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedMutex;

/**
 * Sleeps for a mutex whose owner is killed: nanoseconds from before the {@code kill} until the lock has returned, with
 * the mutex made consistent. The owner is a child of {@code turns-peer.c owner-died-pong}, which makes the mutex, and
 * kills once somebody sleeps for it; {@code owner-died-ping} there is this task in C.
 *
 * <pre>
 *     0  mutex
 *    64  dying   u32
 *   128  killed  u64  when, by the clock of all processes
 * </pre>
 */
final class OwnerDeath implements Task {
  private static final int DYING = 64;
  private static final int KILLED = 128;

  private static final int NEEDS_VICTIM = 0;
  private static final int HAS_VICTIM = 1;
  private static final int NO_MORE = 2;

  private static final long NAP_NANOS = 50_000;
  private static final int WARM_UP = 500;

  private final SharedMutex mutex;
  private final FutexWord dying;
  private final ByteBuffer buffer;
  private final int killed;
  private int inherited;

  private OwnerDeath(MappedMemory memory, int offset) {
    mutex = SharedMutex.adopt(memory, offset, own -> inherited++);
    dying = memory.word(offset + DYING);
    buffer = memory.buffer();
    killed = offset + KILLED;
    for (int i = 0; i < WarmUp.of(WARM_UP); i++) {
      inherit();
    }
  }

  static void declare(Tasks tasks) {
    tasks.task(
        "owner-died-ping FILE OFFSET",
        arguments -> new OwnerDeath(arguments.memory(), arguments.offset()));
  }

  @Override
  public Slice slice(long millis) {
    return Latencies.slice(millis, this::inherit);
  }

  private long inherit() {
    while (dying.getVolatile() != HAS_VICTIM) {
      LockSupport.parkNanos(NAP_NANOS);
    }
    int before = inherited;
    mutex.lock();
    long nanos = System.nanoTime() - buffer.getLong(killed);
    mutex.unlock();
    if (inherited == before) {
      throw new IllegalStateException("its owner was to die: " + mutex);
    }
    dying.setVolatile(NEEDS_VICTIM);
    return nanos;
  }

  @Override
  public void close() throws IOException {
    dying.setVolatile(NO_MORE);
  }
}
