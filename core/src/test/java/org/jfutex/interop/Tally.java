// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedMutex;

/**
 * Numbers that a mutex guards: how often each of up to 8 counters counted, and the total. They agree, unless a counter
 * was killed between the two; then its next owner makes them agree. As {@code count} of {@code mutex-peer.c}.
 */
final class Tally {
  /** What one takes of the memory, with its mutex. */
  static final int BYTES = 192;

  private static final int TOTAL = 64;
  private static final int SUMMANDS = TOTAL + Long.BYTES;
  private static final int COUNTERS = 8;

  private final MappedMemory memory;
  private final ByteBuffer bytes;
  private final int offset;

  Tally(MappedMemory memory, int offset) {
    this.memory = memory;
    this.bytes = memory.buffer();
    this.offset = offset;
  }

  /** Of its mutex. */
  int offset() {
    return offset;
  }

  /** For a C peer. */
  String command(int counter, long times) {
    return "count "
        + offset
        + " "
        + (offset + TOTAL)
        + " "
        + (offset + SUMMANDS + counter * Long.BYTES)
        + " "
        + times;
  }

  /** Counts in this thread, taking the mutex in every way there is. */
  void count(int counter, BooleanSupplier goOn) throws InterruptedException {
    SharedMutex mutex = SharedMutex.adopt(memory, offset, unused -> repair());
    for (long i = 0; goOn.getAsBoolean(); i++) {
      switch ((int) (i % 4)) {
        case 0 -> mutex.lock();
        case 1 -> mutex.lockInterruptibly();
        case 2 -> {
          while (!mutex.tryLock()) {
            Thread.yield();
          }
        }
        default -> {
          while (!mutex.tryLock(1, TimeUnit.MILLISECONDS)) {
            Thread.onSpinWait();
          }
        }
      }
      add(SUMMANDS + counter * Long.BYTES);
      add(TOTAL);
      mutex.unlock();
    }
  }

  private void add(int at) {
    bytes.putLong(offset + at, bytes.getLong(offset + at) + 1);
  }

  private void repair() {
    bytes.putLong(offset + TOTAL, sum());
  }

  long total() {
    return bytes.getLong(offset + TOTAL);
  }

  long sum() {
    long sum = 0;
    for (int counter = 0; counter < COUNTERS; counter++) {
      sum += counted(counter);
    }
    return sum;
  }

  long counted(int counter) {
    return bytes.getLong(offset + SUMMANDS + counter * Long.BYTES);
  }
}
