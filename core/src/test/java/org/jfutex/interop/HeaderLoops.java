// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.Doorbell;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;

/** The loops of {@code jfutex-peer.c} in Java, and the numbers that tell whether they went well. */
final class HeaderLoops {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** How many peers a latch or a barrier is for. */
  static final int PARTIES = 4;

  private static final int DATA_AT = 128;
  private static final int CAPACITY = 3;
  private static final int YIELD_EVERY = 4;
  private static final int LOOP_SECONDS = 60;

  /** The numbers of a read-write lock. */
  enum Written {
    FIRST,
    SECOND
  }

  /** The numbers of an event. */
  enum Event {
    STOP,
    TAKEN
  }

  /** The numbers of a doorbell. */
  enum Work {
    STOP,
    TAKEN,
    PUBLISHED
  }

  /** The number of a barrier. */
  enum Meeting {
    LAST
  }

  /** The numbers of a pair of conditions. */
  enum Condition {
    FULL,
    PRODUCED,
    CONSUMED
  }

  private final MappedMemory memory;
  private final int offset;
  private final ByteBuffer bytes;

  HeaderLoops(MappedMemory memory, long offset) {
    this.memory = memory;
    this.offset = (int) offset;
    bytes = memory.buffer();
  }

  long get(Enum<?> number) {
    return bytes.getLong(index(number));
  }

  private void add(Enum<?> number, long delta) {
    bytes.putLong(index(number), get(number) + delta);
  }

  private int index(Enum<?> number) {
    return offset + DATA_AT + number.ordinal() * Long.BYTES;
  }

  /** Puts something into a buffer each time, or takes it from there. */
  void move(long times, int by) throws Exception {
    SharedMutex mutex = SharedMutex.adopt(memory, offset + HeaderPeer.MUTEX_AT, dead -> repair());
    SharedCondition notEmpty = SharedCondition.at(memory, offset, mutex);
    SharedCondition notFull = SharedCondition.at(memory, offset + SharedCondition.BYTES, mutex);
    for (long i = 0; i < times; i++) {
      mutex.lock();
      while (get(Condition.FULL) == (by > 0 ? CAPACITY : 0)) {
        SharedCondition mine = by > 0 ? notFull : notEmpty;
        await(i, mine::awaitUninterruptibly, mine::await);
      }
      add(Condition.FULL, by);
      add(by > 0 ? Condition.PRODUCED : Condition.CONSUMED, 1);
      (by > 0 ? notEmpty : notFull).signal();
      mutex.unlock();
    }
  }

  /** After its owner died somewhere between the first number and the last. */
  private void repair() {
    add(Condition.FULL, get(Condition.PRODUCED) - get(Condition.CONSUMED) - get(Condition.FULL));
  }

  /** The two numbers are the same whenever one reads. */
  void readAndWrite(long times) throws Exception {
    CompactReadWriteLock lock = CompactReadWriteLock.at(memory, offset);
    for (long i = 0; i < times; i++) {
      await(i, lock.writeLock()::lock, lock.writeLock()::tryLock);
      add(Written.FIRST, 1);
      if (i % YIELD_EVERY == 0) {
        Thread.yield(); // or they would hardly ever meet
      }
      add(Written.SECOND, 1);
      lock.writeLock().unlock();
      await(i, lock.readLock()::lock, lock.readLock()::tryLock);
      long first = get(Written.FIRST);
      if (i % YIELD_EVERY == 1) {
        Thread.yield();
      }
      long second = get(Written.SECOND);
      lock.readLock().unlock();
      assertEquals(first, second, "read while somebody wrote");
    }
  }

  /** Sets an event each time that the one before was taken. */
  void give(long times) {
    SharedEvent event = SharedEvent.autoReset(memory, offset);
    for (long i = 0; i < times; i++) {
      long taken = atomic(Event.TAKEN, 0);
      event.set();
      while (atomic(Event.TAKEN, 0) == taken) {
        Thread.yield();
      }
    }
  }

  /** Takes an event until it is to stop, and counts. */
  void take() throws Exception {
    SharedEvent event = SharedEvent.autoReset(memory, offset);
    for (long i = 0; ; i++) {
      await(i, event::awaitUninterruptibly, event::await);
      if (atomic(Event.STOP, 0) != 0) {
        event.set(); // the next one is to stop, too
        return;
      }
      atomic(Event.TAKEN, 1);
    }
  }

  /** Has those stop who take an event. */
  void stop() {
    atomic(Event.STOP, 1);
    SharedEvent.autoReset(memory, offset).set();
  }

  private boolean isThereWork() {
    return atomic(Work.STOP, 0) != 0 || atomic(Work.PUBLISHED, 0) > atomic(Work.TAKEN, 0);
  }

  /** Waits until something is published; for a time, unless that is null. */
  boolean awaitWork(Long millis) throws InterruptedException {
    Doorbell doorbell = doorbell();
    if (millis != null) {
      return doorbell.await(this::isThereWork, millis, TimeUnit.MILLISECONDS);
    }
    doorbell.awaitUninterruptibly(this::isThereWork);
    return true;
  }

  private Doorbell doorbell() {
    return Doorbell.at(memory, offset);
  }

  /** Publishes one more. */
  void publish() {
    atomic(Work.PUBLISHED, 1);
    doorbell().ring();
  }

  /** Nothing is published any more. */
  void withdraw() {
    bytes.putLong(index(Work.TAKEN), get(Work.PUBLISHED));
  }

  /** Publishes one after the other, each when all is taken. */
  void publish(long times) {
    for (long i = 0; i < times; i++) {
      publish();
      while (isThereWork()) {
        Thread.yield();
      }
    }
  }

  /** Takes what is published until it is to stop, and counts. */
  void takeWork() throws InterruptedException {
    for (long i = 0; atomic(Work.STOP, 0) == 0; i++) {
      if (!awaitWork(i % 2 == 0 ? TimeUnit.SECONDS.toMillis(LOOP_SECONDS) : null)) {
        throw new AssertionError("not within " + LOOP_SECONDS + " s");
      }
      long taken = atomic(Work.TAKEN, 0);
      if (taken < atomic(Work.PUBLISHED, 0)) {
        LONG.compareAndSet(bytes, index(Work.TAKEN), taken, taken + 1);
      }
    }
  }

  /** Has those stop who take what is published. */
  void stopWork() {
    atomic(Work.STOP, 1);
    doorbell().ring();
  }

  /** Counts down one latch after the other, and waits for it. */
  void countDown(long times) throws Exception {
    for (long i = 0; i < times; i++) {
      SharedLatch latch = latch(i);
      latch.countDown();
      await(i, latch::awaitUninterruptibly, latch::await);
    }
  }

  /** The one of a number. */
  SharedLatch latch(long number) {
    return SharedLatch.at(memory, offset + number * SharedLatch.BYTES, PARTIES);
  }

  /** Waits at the barrier, and counts how often as the last one to arrive. */
  void meet(long times) throws Exception {
    SharedBarrier barrier = barrier();
    for (long i = 0; i < times; i++) {
      int toCome = i % 2 == 0 ? barrier.await(LOOP_SECONDS, TimeUnit.SECONDS) : barrier.await();
      if (toCome == 0) {
        atomic(Meeting.LAST, 1);
      }
    }
  }

  SharedBarrier barrier() {
    return SharedBarrier.at(memory, offset, PARTIES);
  }

  /** Every other time with a deadline, that expires only if somebody hangs. */
  private static void await(long i, Runnable forEver, HeaderPeer.Timed timed) throws Exception {
    if (i % 2 == 1) {
      forEver.run();
    } else if (!timed.await(LOOP_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("not within " + LOOP_SECONDS + " s");
    }
  }

  private long atomic(Enum<?> number, long delta) {
    return (long) LONG.getAndAdd(bytes, index(number), delta);
  }
}
