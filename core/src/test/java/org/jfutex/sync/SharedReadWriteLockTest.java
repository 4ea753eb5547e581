// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.ReadWriteSubject;
import org.jfutex.support.ReadWriteSubject.Holder;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What only the crash-safe read-write lock promises: recursion, downgrading, its slots, and what a death leaves. */
class SharedReadWriteLockTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final int OFFSET = 128;
  private static final int SLOTS = OFFSET + 48;
  private static final int INSIDE = OFFSET + 52;
  private static final int READERS = 3;
  private static final int OWNER_DIED = 0x4000_0000;

  private final TestMemory test = new TestMemory();
  private final ByteBuffer bytes = test.memory().buffer();
  private final SharedReadWriteLock lock = lock(null);
  private final Lock read = lock.readLock();
  private final SharedReadWriteLock.WriteLock write = lock.writeLock();

  @AfterEach
  void close() {
    test.close();
  }

  private SharedReadWriteLock lock(Recovery recovery) {
    return SharedReadWriteLock.at(test.memory(), OFFSET, READERS, recovery);
  }

  private static Callable<Void> call(Action action) {
    return () -> {
      action.run();
      return null;
    };
  }

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  /** In a thread that ends then, whatever it holds; the kernel treats that as it treats SIGKILL. */
  private static void dieAfter(Action action) {
    int[] tid = new int[1];
    Actor<Void> dying =
        Actor.start(
            call(
                () -> {
                  tid[0] = FUTEXES.currentTid();
                  action.run();
                }));
    dying.result();
    Path task = Path.of("/proc/self/task/" + tid[0]);
    Eventually.until("a thread's end", () -> !task.toFile().exists());
  }

  private int slot(int index) {
    return test.memory().word(OFFSET + 64 + 64 * index).getVolatile();
  }

  private void assertFree() {
    assertEquals(0, lock.getReadLockCount());
    assertFalse(lock.isWriteLocked());
    Actor.start(
            call(
                () -> {
                  assertEquals(Acquisition.ACQUIRED, write.acquire());
                  write.unlock();
                }))
        .result();
  }

  @Test
  void zerosAreAFreeLock() {
    assertEquals(64 + 64 * 16, SharedReadWriteLock.bytes(16));
    assertEquals(16, SharedReadWriteLock.DEFAULT_READERS);
    assertThrows(IllegalArgumentException.class, () -> SharedReadWriteLock.bytes(0));
    assertThrows(IllegalArgumentException.class, () -> SharedReadWriteLock.bytes(128));
    assertFree();
    assertTrue(lock.toString().contains(": 0 of 3 slots taken"), lock.toString());
  }

  @Test
  void theBytesAreThese() {
    assertEquals(READERS, bytes.getInt(SLOTS));
    assertEquals(128 | 16 | 1, bytes.getInt(OFFSET + MutexLayout.KIND), "robust recursive");
    int tid = FUTEXES.currentTid();
    read.lock();
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      taken.add(slot(i));
    }
    assertEquals(READERS - 1, taken.stream().filter(word -> word == 0).count(), taken.toString());
    assertTrue(taken.contains(tid));
    read.unlock();
    write.lock();
    assertEquals(tid, bytes.getInt(OFFSET));
    assertEquals(1, bytes.getInt(INSIDE));
    for (int i = 0; i < READERS; i++) {
      assertEquals(0, slot(i));
    }
    write.unlock();
    assertEquals(0, bytes.getInt(OFFSET));
    assertEquals(0, bytes.getInt(INSIDE));
    int end = (int) (OFFSET + SharedReadWriteLock.bytes(READERS));
    for (int i = 0; i < test.memory().size(); i++) {
      assertTrue(i >= OFFSET && i < end || bytes.get(i) == 0, "wrote to " + i);
    }
  }

  @Test
  void allUseTheSameNumberOfSlots() {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> SharedReadWriteLock.at(test.memory(), OFFSET))
            .getMessage();
    assertTrue(message.contains("3 readers") && message.contains("16"), message);
    assertThrows(
        UnsupportedOperationException.class,
        () -> SharedReadWriteLock.at(test.memory().privateWord(OFFSET), READERS, null));
    assertEquals(
        lock.toString(),
        SharedReadWriteLock.at(test.memory().word(OFFSET), READERS, null).toString());
  }

  @Test
  void aReaderReadsAgainWhileAWriterWaits() {
    read.lock();
    Actor<Void> writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    for (int i = 2; i <= 5; i++) {
      read.lock();
      assertEquals(i, lock.getReadHoldCount());
      assertEquals(i, lock.getReadLockCount());
    }
    assertTrue(read.tryLock());
    for (int i = 6; i > 0; i--) {
      assertFalse(writer.isDone());
      read.unlock();
    }
    writer.result();
    assertThrows(IllegalMonitorStateException.class, read::unlock);
    assertFree();
  }

  @Test
  void aWriterWritesAgainAndReads() {
    write.lock();
    write.lock();
    assertTrue(write.tryLock());
    assertEquals(3, lock.getWriteHoldCount());
    assertTrue(lock.isWriteLockedByCurrentThread());
    read.lock();
    read.lock();
    write.lock();
    assertEquals(2, lock.getReadHoldCount());
    write.unlock();
    Actor<Void> writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    Actor<Void> reader = ReadWriteSubject.pass(read).awaitBlocked(FUTEXES);
    for (int i = 0; i < 3; i++) {
      write.unlock();
    }
    assertFalse(lock.isWriteLockedByCurrentThread());
    assertFalse(writer.isDone(), "downgraded: this thread still reads");
    assertThrows(IllegalMonitorStateException.class, write::unlock);
    read.unlock();
    read.unlock();
    writer.result();
    reader.result();
    assertFree();
  }

  @Test
  void downgradingLetsReadersIn() {
    write.lock();
    Actor<Void> reader = ReadWriteSubject.pass(read).awaitBlocked(FUTEXES);
    read.lock();
    write.unlock();
    reader.result();
    assertFalse(Actor.start(write::tryLock).result());
    read.unlock();
    assertFree();
  }

  @Test
  void upgradingIsRefused() throws Exception {
    read.lock();
    for (Action taking :
        List.<Action>of(
            write::lock,
            write::lockInterruptibly,
            () -> write.tryLock(1, TimeUnit.HOURS),
            write::acquire)) {
      assertThrows(DeadlockException.class, taking::run);
    }
    assertFalse(write.tryLock());
    Actor<Void> writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    assertThrows(DeadlockException.class, write::lock, "before it waits for the other writer");
    read.unlock();
    writer.result();
    assertFree();
  }

  @Test
  void moreReadersThanSlotsWait() throws Exception {
    List<Holder> holders = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      holders.add(new Holder(read));
    }
    assertEquals(READERS, lock.getReadLockCount());
    assertFalse(read.tryLock());
    assertFalse(read.tryLock(3, TimeUnit.MILLISECONDS));
    Actor<?> interrupted = Actor.start(call(read::lockInterruptibly)).awaitBlocked(FUTEXES);
    interrupted.thread().interrupt();
    assertInstanceOf(InterruptedException.class, interrupted.failure());
    for (int i = 0; i < READERS; i++) {
      // Whichever slot becomes free is taken.
      Actor<Void> first = ReadWriteSubject.pass(read).awaitBlocked(FUTEXES);
      Actor<Void> second = ReadWriteSubject.pass(read).awaitBlocked(FUTEXES);
      holders.remove(0).release();
      first.result();
      second.result();
      holders.add(new Holder(read));
    }
    Actor<Void> writer = ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
    holders.forEach(Holder::release);
    writer.result();
    assertFree();
  }

  @Test
  void manyThreadsShareFewSlots() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<Actor<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      readers.add(
          Actor.start(
              call(
                  () -> {
                    for (int turn = 0; turn < 200; turn++) {
                      read.lock();
                      int now = inside.incrementAndGet();
                      if (now > READERS) {
                        throw new AssertionError(now + " readers inside");
                      }
                      Thread.yield();
                      inside.decrementAndGet();
                      read.unlock();
                    }
                  })));
    }
    readers.forEach(Actor::result);
    assertFree();
  }

  @Test
  void readersOfTwoMappingsAreTheSameThread() {
    try (MappedMemory again = test.mapAgain()) {
      SharedReadWriteLock other = SharedReadWriteLock.at(again, OFFSET, READERS, null);
      read.lock();
      assertEquals(1, other.getReadHoldCount());
      other.readLock().lock();
      assertEquals(2, lock.getReadHoldCount());
      assertThrows(DeadlockException.class, other.writeLock()::lock);
      other.readLock().unlock();
      other.readLock().unlock();
      assertFree();
    }
  }

  @Test
  void aDeadReaderLeavesNothing() {
    for (int i = 0; i < READERS + 1; i++) {
      dieAfter(
          () -> {
            read.lock();
            read.lock();
          });
    }
    assertEquals(0, lock.getReadLockCount());
    read.lock();
    assertEquals(1, lock.getReadHoldCount(), "what the dead one counted is gone");
    read.unlock();
    assertFree();
    // Asleep behind it, too.
    Actor<Actor<Void>> dying =
        Actor.start(
            () -> {
              read.lock();
              return ReadWriteSubject.pass(write).awaitBlocked(FUTEXES);
            });
    dying.result().result();
    assertFree();
  }

  @Test
  void theNextWriterIsTold() {
    dieAfter(write::lock);
    assertEquals(Acquisition.OWNER_DIED, write.acquire());
    assertEquals(1, lock.getWriteHoldCount());
    write.unlock(); // unrepaired
    assertEquals(Acquisition.OWNER_DIED, write.tryAcquire());
    assertThrows(
        IllegalMonitorStateException.class,
        () -> {
          throw Actor.start(call(write::makeConsistent)).failure();
        });
    write.makeConsistent();
    assertThrows(IllegalStateException.class, write::makeConsistent);
    write.unlock();
    assertFree();
  }

  @Test
  void whoSleepsIsToldToo() {
    Actor<List<Actor<Acquisition>>> dying =
        Actor.start(
            () -> {
              write.lock();
              List<Actor<Acquisition>> sleepers = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                sleepers.add(
                    Actor.start(
                            () -> {
                              Acquisition result = write.acquireInterruptibly(Deadline.NONE);
                              if (result == Acquisition.OWNER_DIED) {
                                write.makeConsistent();
                              }
                              write.unlock();
                              return result;
                            })
                        .awaitBlocked(FUTEXES));
              }
              return sleepers;
            });
    List<Acquisition> told = dying.result().stream().map(Actor::result).toList();
    assertEquals(1, told.stream().filter(Acquisition.OWNER_DIED::equals).count(), told.toString());
    assertFree();
  }

  @Test
  void withoutARecoveryNobodyGetsIn() {
    dieAfter(write::lock);
    for (Lock half : List.of(read, write)) {
      for (Action taking :
          List.<Action>of(
              half::lock,
              half::lockInterruptibly,
              half::tryLock,
              () -> half.tryLock(1, TimeUnit.HOURS))) {
        assertThrows(OwnerDiedException.class, taking::run);
        assertEquals(0, lock.getReadHoldCount());
        assertFalse(lock.isWriteLockedByCurrentThread());
      }
    }
    assertEquals(Acquisition.OWNER_DIED, write.acquire());
    write.makeConsistent();
    write.unlock();
    assertFree();
  }

  @Test
  void theRecoveryRunsAlone() throws Exception {
    AtomicInteger recoveries = new AtomicInteger();
    SharedReadWriteLock healed =
        lock(
            mutex -> {
              assertTrue(mutex.isHeldByCurrentThread());
              assertEquals(0, lock.getReadLockCount());
              lock.readLock().lock(); // as a writer may
              lock.readLock().unlock();
              recoveries.incrementAndGet();
            });
    int expected = 0;
    for (Lock half : List.of(healed.readLock(), healed.writeLock())) {
      for (Action taking :
          List.<Action>of(
              half::lock,
              half::lockInterruptibly,
              half::tryLock,
              () -> half.tryLock(1, TimeUnit.HOURS))) {
        dieAfter(write::lock);
        taking.run();
        assertEquals(++expected, recoveries.get());
        half.unlock();
        assertFree();
      }
    }
  }

  @Test
  void aRecoveryThatThrowsLeavesItAsItWas() {
    SharedReadWriteLock beyond =
        lock(
            mutex -> {
              throw new IllegalArgumentException("beyond repair");
            });
    dieAfter(write::lock);
    assertThrows(IllegalArgumentException.class, beyond.readLock()::lock);
    assertThrows(IllegalArgumentException.class, beyond.writeLock()::lock);
    assertEquals(Acquisition.OWNER_DIED, write.acquire());
    write.makeConsistent();
    write.unlock();
    assertFree();
  }

  /** Who dies before he came in, or after he left, changed nothing. */
  @Test
  void aWriterThatDiesOutsideIsNobodysBusiness() {
    read.lock();
    bytes.putInt(OFFSET, OWNER_DIED);
    read.unlock();
    assertFree();
    bytes.putInt(OFFSET, OWNER_DIED);
    read.lock();
    read.unlock();
    assertFree();
  }

  @Test
  void aKilledProcessIsRecovered() throws Exception {
    for (String half : List.of("read", "write")) {
      ChildJvm.Ended child =
          ChildJvm.run(
              List.of("-XX:TieredStopAtLevel=1"),
              SharedReadWriteLockTest.class,
              test.path().toString(),
              half);
      assertEquals(137, child.status(), child.output()); // 128 + SIGKILL
      Acquisition expected = half.equals("read") ? Acquisition.ACQUIRED : Acquisition.OWNER_DIED;
      assertEquals(expected, write.acquire());
      if (expected == Acquisition.OWNER_DIED) {
        write.makeConsistent();
      }
      write.unlock();
      assertFree();
    }
  }

  /**
   * Kills itself, holding a lock.
   *
   * @param arguments path, which lock
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    SharedReadWriteLock lock =
        SharedReadWriteLock.at(MappedMemory.open(Path.of(arguments[0])), OFFSET, READERS, null);
    (arguments[1].equals("read") ? lock.readLock() : lock.writeLock()).lock();
    new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start();
    Thread.sleep(TimeUnit.MINUTES.toMillis(1));
  }

  @Test
  void virtualThreadsAreRefused() throws Exception {
    if (Runtime.version().feature() < 21) {
      return;
    }
    Throwable[] thrown = new Throwable[2];
    Runnable body =
        () -> {
          int i = 0;
          for (Lock half : List.of(read, write)) {
            try {
              half.lock();
            } catch (UnsupportedOperationException e) {
              thrown[i++] = e;
            }
          }
        };
    Thread thread =
        (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
    thread.join();
    for (Throwable each : thrown) {
      assertInstanceOf(UnsupportedOperationException.class, each);
    }
    assertFree();
  }

  /** Whatever stands there: a documented exception, or an answer in time. */
  @Test
  void hostileWordsHangNobody() throws Exception {
    int tid = FUTEXES.currentTid();
    int[] values = {
      0, 1, -1, tid, 0x3fff_fff0, OWNER_DIED, OWNER_DIED | tid, 0x8000_0000, 0x7fff_fffe
    };
    int[] fields = {OFFSET, OFFSET + 4, OFFSET + 8, SLOTS, INSIDE, OFFSET + 64, OFFSET + 68};
    for (int field : fields) {
      for (int value : values) {
        for (Lock half : List.of(read, write)) {
          int before = bytes.getInt(field);
          bytes.putInt(field, value);
          for (Action action :
              List.<Action>of(
                  half::tryLock,
                  () -> half.tryLock(1, TimeUnit.MILLISECONDS),
                  half::unlock,
                  half::unlock,
                  lock::toString,
                  lock::getReadLockCount)) {
            try {
              action.run();
            } catch (MutexException | IllegalMonitorStateException e) {
              // documented
            } catch (IllegalStateException e) {
              assertTrue(e.getMessage().contains("expected"), e.toString());
            }
          }
          bytes.putInt(field, before);
          for (int offset = 0; offset < 256; offset += 64) {
            bytes.putInt(OFFSET + offset, 0);
            bytes.putInt(OFFSET + offset + 4, 0);
            bytes.putInt(OFFSET + offset + 8, 0);
          }
          bytes.putInt(INSIDE, 0);
        }
      }
    }
  }

  @Test
  void readersAreInsideTogether() throws Exception {
    CyclicBarrier all = new CyclicBarrier(READERS);
    List<Actor<Void>> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      readers.add(
          Actor.start(
              call(
                  () -> {
                    for (int turn = 0; turn < 20; turn++) {
                      read.lock();
                      all.await(60, TimeUnit.SECONDS);
                      read.unlock();
                    }
                  })));
    }
    readers.forEach(Actor::result);
    assertFree();
  }
}
