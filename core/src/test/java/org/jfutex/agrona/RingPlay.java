// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Eventually;

/**
 * A ring buffer with a thread that is stopped at a step, and others that go on. What is read is written down; what must
 * be there at the end is checked.
 */
final class RingPlay {
  static final int CAPACITY = 512;
  static final int TYPE = 3;

  /** Of a message: its number, and twice more what follows from it. */
  private static final int LENGTH = 3 * Long.BYTES;

  private static final int RECORD = RingBytes.LENGTH_AND_TYPE + LENGTH;
  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private final RingKind kind;
  final SteppedBuffer stepped;
  final BlockingRingBuffer queue; // of those who go on
  final BlockingRingBuffer ofVictim;
  final List<Long> seen = new ArrayList<>();
  private final List<Long> acknowledged = new ArrayList<>();
  private long next = 1;
  volatile long victimTid;
  volatile boolean isDone;
  private int step;

  /** What somebody does. */
  interface Action {
    void run() throws Exception;
  }

  /**
   * @param start the index of the tail in the buffer, a multiple of 8
   */
  RingPlay(RingKind kind, int start) {
    this.kind = kind;
    MappedMemory memory =
        MappedMemory.wrap(ByteBuffer.allocateDirect((int) BlockingRingBuffer.bytes(CAPACITY)));
    stepped = new SteppedBuffer(BlockingRingBuffer.bufferOf(memory, 0, CAPACITY));
    queue = kind.at(memory, CAPACITY);
    ofVictim = kind.at(memory, CAPACITY, stepped.ring(CAPACITY));
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      UnsafeBuffer nothing = new UnsafeBuffer(new byte[LENGTH]);
      for (int at = 0; at < start; ) { // full records, and empty ones for the rest
        int length = start - at >= RECORD ? LENGTH : 0;
        producer.offer(TYPE, nothing, 0, length);
        at += RingBytes.LENGTH_AND_TYPE + length;
        consumer.poll((type, buffer, index, bytes) -> {}, 1);
      }
    }
  }

  /** A new message; seen once at most, and acknowledged only if the caller says so. */
  long message(UnsafeBuffer into) {
    long number = next++;
    for (int i = 0; i < LENGTH; i += Long.BYTES) {
      into.putLong(i, number * (i == 0 ? 1 : FACTOR + i));
    }
    return number;
  }

  static UnsafeBuffer empty() {
    return new UnsafeBuffer(new byte[LENGTH]);
  }

  void acknowledge(long number) {
    acknowledged.add(number);
  }

  /** Writes a message, which is there. */
  void write(RingProducer producer) throws InterruptedException {
    UnsafeBuffer message = empty();
    long number = message(message);
    if (!producer.write(TYPE, message, 0, LENGTH, 60, TimeUnit.SECONDS)) {
      throw new AssertionError("no room for a minute");
    }
    acknowledge(number);
  }

  /** Writes a message as the victim, which may be stopped anywhere in it. */
  void victimWrites(RingProducer producer) {
    UnsafeBuffer message = empty();
    long number = message(message);
    if (producer.offer(TYPE, message, 0, LENGTH)) {
      acknowledge(number);
    }
  }

  /** As {@link #victimWrites}, in three steps. */
  void victimClaims(RingProducer producer) {
    int index = producer.tryClaim(TYPE, LENGTH);
    if (index > 0) {
      UnsafeBuffer message = empty();
      long number = message(message);
      producer.buffer().putBytes(index, message, 0, LENGTH);
      producer.commit(index);
      acknowledge(number);
    }
  }

  final MessageHandler handler =
      (type, buffer, index, length) -> {
        long number = buffer.getLong(index);
        for (int i = 0; i < LENGTH; i += Long.BYTES) {
          if (type != TYPE
              || length != LENGTH
              || buffer.getLong(index + i) != number * (i == 0 ? 1 : FACTOR + i)) {
            throw new AssertionError("type " + type + ", length " + length + ", found " + number);
          }
        }
        seen.add(number);
      };

  /** Reads until all that was acknowledged was seen. */
  void readAll(RingConsumer consumer) throws InterruptedException {
    while (!seen.containsAll(acknowledged)) {
      if (consumer.read(handler, 100, 60, TimeUnit.SECONDS) == 0) {
        throw new AssertionError("nothing to read for a minute, expected " + this);
      }
    }
  }

  /** Looks for as long as it takes to take something for dead. */
  void readInVain(RingConsumer consumer) throws InterruptedException {
    int before = seen.size();
    for (int look = 0; look < 3; look++) {
      consumer.read(handler, 100, 11, TimeUnit.MILLISECONDS);
    }
    if (kind == RingKind.ONE_TO_ONE && seen.size() - before > 1) {
      throw new AssertionError("more than there is: " + this);
    }
  }

  /** Several laps later nothing is left of what was before. */
  void goRound(RingProducer producer, RingConsumer consumer) throws InterruptedException {
    for (int i = 0; i < 3 * CAPACITY / RECORD; i++) {
      write(producer);
      readAll(consumer);
    }
    if (seen.stream().distinct().count() != seen.size()) {
      throw new AssertionError("twice: " + this);
    }
    if (queue.ringBuffer().size() != 0) {
      throw new AssertionError("not empty: " + queue.ringBuffer().size());
    }
  }

  /** Starts the victim, and returns when it has been stopped, or has come to its end. */
  Thread startVictim(int step, Runnable stop, Action action) {
    this.step = step;
    isDone = false;
    victimTid = 0;
    boolean[] stopped = new boolean[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              victimTid = FutexSyscalls.system().gettid();
              try {
                stepped.arm(
                    step,
                    () -> {
                      synchronized (stopped) {
                        stopped[0] = true;
                      }
                      stop.run();
                    });
                action.run();
                stepped.step();
                isDone = true;
              } catch (Exception e) {
                e.printStackTrace();
              }
            },
            "victim",
            256 << 10);
    thread.setDaemon(true);
    thread.start();
    Eventually.until(
        "the victim stopped, or at its end",
        () -> {
          synchronized (stopped) {
            return stopped[0] || !thread.isAlive();
          }
        });
    return thread;
  }

  @Override
  public String toString() {
    return kind + ", step " + step + ", acknowledged " + acknowledged + ", seen " + seen;
  }
}
