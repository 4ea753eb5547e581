// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.FutexManager;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.ReadWriteSubject;
import org.jfutex.support.ReadWriteSubject.Holder;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bytes of the compact read-write lock, and what becomes of others when a sleeper dies. */
class CompactReadWriteLockTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int OFFSET = 64;
  private static final int MANY = 40;

  /** Half of what a reader gives a writer that was woken to look again. */
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  private static final int WRITER = 0x3fff_ffff;
  private static final int READERS_WAIT = 0x4000_0000;
  private static final int WRITERS_WAIT = 0x8000_0000;

  private final TestMemory test = new TestMemory();
  private final ByteBuffer bytes = test.memory().buffer();
  private final CompactReadWriteLock lock = CompactReadWriteLock.at(test.memory(), OFFSET);
  private final Lock read = lock.readLock();
  private final Lock write = lock.writeLock();

  @AfterEach
  void close() {
    test.close();
  }

  private int state() {
    return test.memory().word(OFFSET).getVolatile();
  }

  private void set(int state) {
    test.memory().word(OFFSET).setVolatile(state);
  }

  private int sequence() {
    return bytes.getInt(OFFSET + 4);
  }

  @Test
  void zerosAreAFreeLock() {
    assertEquals(8, CompactReadWriteLock.BYTES);
    for (int i = 0; i < test.memory().size(); i++) {
      assertEquals(0, bytes.get(i), "making one writes nothing");
    }
    assertTrue(lock.toString().endsWith(": free"), lock.toString());
    assertTrue(write.tryLock());
  }

  @Test
  void theBytesAreThese() {
    read.lock();
    assertEquals(1, state());
    assertTrue(read.tryLock());
    assertEquals(2, state());
    assertEquals(2, lock.getReadLockCount());
    assertFalse(lock.isWriteLocked());
    Actor<Void> writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    assertEquals(2 | WRITERS_WAIT, state());
    Actor<Void> reader = ReadWriteSubject.pass(read).awaitBlocked(FUTEXES);
    assertEquals(2 | WRITERS_WAIT | READERS_WAIT, state());
    assertTrue(lock.toString().endsWith(": 2 readers, readers wait, writers wait"));
    assertEquals(0, sequence());
    read.unlock();
    read.unlock();
    writer.result();
    reader.result();
    assertTrue(sequence() >= 1, "a writer was woken");
    // Having slept, the writer passed it on as if others slept.
    assertEquals(0, state());
    write.lock();
    assertEquals(WRITER, state());
    assertTrue(lock.isWriteLocked());
    assertEquals(0, lock.getReadLockCount());
    assertTrue(lock.toString().endsWith(": a writer"), lock.toString());
    write.unlock();
    assertEquals(0, state());
    for (int i = 0; i < test.memory().size(); i++) {
      assertTrue(i >= OFFSET + 4 && i < OFFSET + 8 || bytes.get(i) == 0, "wrote to " + i);
    }
  }

  @Test
  void aPlaceMustFit() {
    assertThrows(
        IllegalArgumentException.class,
        () -> CompactReadWriteLock.at(test.memory(), TestMemory.BYTES - 4));
    assertThrows(IllegalArgumentException.class, () -> CompactReadWriteLock.at(test.memory(), 4));
  }

  @Test
  void tryLockLooksAtNobodyWhoWaits() {
    Actor<Void> writer;
    Holder holder = new Holder(read);
    writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    assertTrue(read.tryLock());
    holder.release();
    assertEquals(1, state() & WRITER);
    read.unlock();
    writer.result();
  }

  /** A writer that was killed asleep, while somebody reads: readers come in soon after the healing period. */
  @Test
  void aDeadSleepersBitKeepsNobodyOut() {
    set(1 | WRITERS_WAIT);
    ReadWriteSubject.pass(read).result();
    assertEquals(1, state());
    set(1 | WRITERS_WAIT | READERS_WAIT);
    ReadWriteSubject.pass(read).result();
    assertEquals(1, state());
  }

  /** One that was killed between giving the lock back and waking, or woken and before it took the lock. */
  @Test
  void aDeadWakersBitsKeepNobodyOut() {
    for (int bits : new int[] {WRITERS_WAIT, READERS_WAIT, WRITERS_WAIT | READERS_WAIT}) {
      set(bits);
      ReadWriteSubject.pass(read).result();
      assertEquals(0, state());
      set(bits);
      ReadWriteSubject.pass(write).result();
      assertEquals(0, state());
    }
  }

  /**
   * While a writer sleeps, readers that look again after the healing period still wait their turn. They look at about
   * the same moment, all of them: a writer that is just awake is alive, and one may not make it so for the others.
   */
  @Test
  void healingDoesNotOvertakeALivingWriter() {
    for (int attempt = 1; ; attempt++) {
      long overtook = readersThatOvertake();
      if (overtook == 0) {
        return;
      }
      assertTrue(stalled && attempt < 10, overtook + " readers overtook");
    }
  }

  /** Whether a thread that was to run did not for so long that readers may take a writer for dead. */
  private boolean stalled;

  private long readersThatOvertake() {
    List<CompactReadWriteLock> locks = new ArrayList<>();
    List<Actor<Void>> writers = new ArrayList<>();
    List<Actor<Void>> readers = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      CompactReadWriteLock one =
          CompactReadWriteLock.at(test.memory(), i * CompactReadWriteLock.BYTES);
      one.readLock().lock();
      locks.add(one);
      writers.add(ReadWriteSubject.pass(one.writeLock()));
    }
    writers.forEach(writer -> writer.awaitBlocked(FUTEXES));
    for (CompactReadWriteLock one : locks) {
      for (int i = 0; i < 8; i++) {
        readers.add(ReadWriteSubject.pass(one.readLock()));
      }
    }
    readers.forEach(reader -> reader.awaitBlocked(FUTEXES));
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_200);
    long[] looked = {System.nanoTime(), 0}; // when, and the longest time between two looks
    Eventually.until(
        "two healing periods",
        () -> {
          long now = System.nanoTime();
          looked[1] = Math.max(looked[1], now - looked[0]);
          looked[0] = now;
          return now > end;
        });
    stalled = looked[1] > STALL_NANOS;
    long overtook = readers.stream().filter(Actor::isDone).count();
    assertEquals(0, writers.stream().filter(Actor::isDone).count());
    locks.forEach(one -> one.readLock().unlock());
    writers.forEach(Actor::result);
    readers.forEach(Actor::result);
    return overtook;
  }

  @Test
  void noMoreReadersThanCanBeCounted() {
    set(WRITER - 1);
    assertThrows(IllegalStateException.class, read::lock);
    assertThrows(IllegalStateException.class, read::tryLock);
    assertEquals(WRITER - 1, state());
    read.unlock();
    read.lock();
    assertEquals(WRITER - 1, state());
  }

  /** Whatever stands there: a documented exception, or an answer in time. */
  @Test
  void hostileWordsHangNobody() throws Exception {
    int[] counts = {0, 1, 2, WRITER - 1, WRITER};
    int[] bits = {0, READERS_WAIT, WRITERS_WAIT, READERS_WAIT | WRITERS_WAIT};
    for (int count : counts) {
      for (int bit : bits) {
        for (Lock half : new Lock[] {read, write}) {
          set(count | bit);
          try {
            if (half.tryLock(1, TimeUnit.MILLISECONDS)) {
              half.unlock();
            }
          } catch (IllegalStateException e) {
            assertEquals(WRITER - 1, count);
          }
          set(count | bit);
          try {
            half.unlock();
          } catch (IllegalMonitorStateException e) {
            assertEquals(count | bit, state());
          }
        }
      }
    }
  }
}
