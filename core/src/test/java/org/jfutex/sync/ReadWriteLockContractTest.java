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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.ReadWriteSubject;
import org.jfutex.support.ReadWriteSubject.Holder;
import org.jfutex.support.ReadWriteSubject.Kind;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every read-write lock promises; {@code ReentrantReadWriteLock} says what is right. */
class ReadWriteLockContractTest {
  private static final long LONG = 60;

  /** Of the data that the locks of a test guard: two cells, equal while nobody writes. */
  private static final int LEFT = 8192;

  private static final int RIGHT = 12288;

  @ParameterizedTest
  @EnumSource
  void readersAreInsideTogether(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      CyclicBarrier inside = new CyclicBarrier(3);
      List<Actor<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            Actor.start(
                () -> {
                  subject.read().lock();
                  inside.await(LONG, TimeUnit.SECONDS);
                  subject.read().unlock();
                  return null;
                }));
      }
      readers.forEach(Actor::result);
      assertTrue(subject.write().tryLock());
      subject.write().unlock();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWriterKeepsAllOut(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      Actor<Void> reader;
      Actor<Void> writer;
      Holder holder = new Holder(subject.write());
      assertFalse(subject.read().tryLock());
      assertFalse(subject.write().tryLock());
      assertFalse(subject.read().tryLock(3, TimeUnit.MILLISECONDS));
      assertFalse(subject.write().tryLock(3, TimeUnit.MILLISECONDS));
      reader = subject.sleeper(subject.read());
      writer = subject.sleeper(subject.write());
      holder.release();
      reader.result();
      writer.result();
      assertTrue(subject.write().tryLock());
      subject.write().unlock();
    }
  }

  @ParameterizedTest
  @EnumSource
  void readersKeepWritersOut(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      Actor<Void> writer;
      Holder one = new Holder(subject.read());
      Holder other = new Holder(subject.read());
      assertFalse(subject.write().tryLock());
      assertFalse(subject.write().tryLock(3, TimeUnit.MILLISECONDS));
      assertTrue(subject.read().tryLock());
      subject.read().unlock();
      writer = subject.sleeper(subject.write());
      other.release();
      subject.asleep(writer);
      one.release();
      writer.result();
    }
  }

  /** Who waits behind a writer comes in after it, and no reader that comes later keeps it out. */
  @ParameterizedTest
  @EnumSource
  void readersQueueBehindAWriter(Kind kind) {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      Actor<Void> writer;
      List<Actor<Void>> readers = new ArrayList<>();
      Holder holder = new Holder(subject.read());
      writer = subject.sleeper(subject.write());
      for (int i = 0; i < 3; i++) {
        readers.add(subject.sleeper(subject.read()));
      }
      holder.release();
      writer.result();
      readers.forEach(Actor::result);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWriterThatGivesUpLetsTheReadersIn(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      Holder holder = new Holder(subject.read());
      Actor<?> writer =
          Actor.start(
              () -> {
                subject.write().lockInterruptibly();
                return null;
              });
      subject.asleep(writer);
      Actor<Void> reader = subject.sleeper(subject.read());
      writer.thread().interrupt();
      assertInstanceOf(InterruptedException.class, writer.failure());
      reader.result();
      holder.release();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptEndsTheWait(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      for (Lock half : List.of(subject.read(), subject.write())) {
        for (Callable<?> taking :
            List.<Callable<?>>of(
                () -> {
                  half.lockInterruptibly();
                  return null;
                },
                () -> half.tryLock(1, TimeUnit.HOURS))) {
          Thread.currentThread().interrupt();
          assertThrows(InterruptedException.class, taking::call);
          assertFalse(Thread.interrupted());
          Holder holder = new Holder(subject.write());
          Actor<?> waiting = Actor.start(taking);
          subject.asleep(waiting).thread().interrupt();
          assertInstanceOf(InterruptedException.class, waiting.failure());
          holder.release();
        }
        Holder holder = new Holder(subject.write());
        Actor<Boolean> waiting =
            Actor.start(
                () -> {
                  Thread.currentThread().interrupt();
                  half.lock();
                  half.unlock();
                  return Thread.interrupted();
                });
        subject.asleep(waiting);
        holder.release();
        assertTrue(waiting.result(), "lock() keeps the status");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void timesOut(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      for (Lock half : List.of(subject.read(), subject.write())) {
        for (long timeout : new long[] {Long.MIN_VALUE, -1, 0, 1, 100, Long.MAX_VALUE}) {
          assertTrue(half.tryLock(timeout, TimeUnit.NANOSECONDS));
          half.unlock();
        }
        assertThrows(NullPointerException.class, () -> half.tryLock(1, null));
        Holder holder = new Holder(subject.write());
        for (long timeout : new long[] {Long.MIN_VALUE, -1, 0, 1}) {
          assertFalse(half.tryLock(timeout, TimeUnit.NANOSECONDS));
        }
        long start = System.nanoTime();
        assertFalse(half.tryLock(5, TimeUnit.MILLISECONDS));
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(5), "too early");
        Actor<Boolean> waiting =
            subject.asleep(
                Actor.start(
                    () -> {
                      boolean taken = half.tryLock(Long.MAX_VALUE, TimeUnit.DAYS);
                      half.unlock();
                      return taken;
                    }));
        holder.release();
        assertTrue(waiting.result());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoHoldsNothingCannotUnlock(Kind kind) {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      assertThrows(IllegalMonitorStateException.class, subject.read()::unlock);
      assertThrows(IllegalMonitorStateException.class, subject.write()::unlock);
      subject.read().lock();
      assertThrows(IllegalMonitorStateException.class, subject.write()::unlock);
      subject.read().unlock();
      assertThrows(IllegalMonitorStateException.class, subject.read()::unlock);
      subject.write().lock();
      assertThrows(IllegalMonitorStateException.class, subject.read()::unlock);
      subject.write().unlock();
      assertThrows(IllegalMonitorStateException.class, subject.write()::unlock);
      if (kind.knowsItsHolders()) {
        Holder reader = new Holder(subject.read());
        assertThrows(IllegalMonitorStateException.class, subject.read()::unlock);
        reader.release();
        Holder writer = new Holder(subject.write());
        assertThrows(IllegalMonitorStateException.class, subject.write()::unlock);
        writer.release();
      }
      assertTrue(subject.write().tryLock());
      subject.write().unlock();
    }
  }

  /** Every way to take it, in a crowd: data that are not atomic stay whole, and everybody ends. */
  @ParameterizedTest
  @EnumSource
  void excludesThreads(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      Cells cells = new Cells(subject.memory());
      List<Actor<Integer>> actors = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int seed = i;
        actors.add(Actor.start(() -> cells.play(subject.read(), subject.write(), seed, 3_000)));
      }
      int written = 0;
      for (Actor<Integer> actor : actors) {
        written += actor.result();
      }
      assertEquals(written, cells.left());
      assertTrue(subject.write().tryLock());
      subject.write().unlock();
    }
  }

  /** The same by several processes, and one that has it mapped twice. */
  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ORACLE", "COMPACT_PRIVATE"})
  void excludesProcesses(Kind kind) throws Exception {
    try (TestMemory test = new TestMemory();
        MappedMemory other = test.mapAgain()) {
      List<Actor<Integer>> actors = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String seed = Integer.toString(i);
        actors.add(
            Actor.start(
                () -> {
                  ChildJvm.Ended child =
                      ChildJvm.run(
                          List.of("-XX:TieredStopAtLevel=1"),
                          ReadWriteLockContractTest.class,
                          test.path().toString(),
                          kind.name(),
                          seed);
                  assertEquals(0, child.status(), child.output());
                  return Integer.parseInt(child.output().lines().toList().get(0));
                }));
      }
      ReadWriteLock lock = kind.at(other, 0);
      Cells cells = new Cells(test.memory());
      AtomicBoolean over = new AtomicBoolean();
      Actor<Integer> own =
          Actor.start(
              () -> {
                int written = 0;
                while (!over.get()) {
                  written += cells.play(lock.readLock(), lock.writeLock(), 7, 100);
                }
                return written;
              });
      int written = 0;
      for (Actor<Integer> actor : actors) {
        written += actor.result();
      }
      over.set(true);
      assertEquals(written + own.result(), cells.left());
      assertTrue(kind.at(test.memory(), 0).writeLock().tryLock());
    }
  }

  /**
   * @param arguments path, kind, seed
   */
  public static void main(String[] arguments) throws IOException {
    try (MappedMemory memory = MappedMemory.open(Path.of(arguments[0]))) {
      ReadWriteLock lock = Kind.valueOf(arguments[1]).at(memory, 0);
      int seed = Integer.parseInt(arguments[2]);
      System.out.println(new Cells(memory).play(lock.readLock(), lock.writeLock(), seed, 20_000));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Two cells on pages of their own, equal while nobody writes. */
  private record Cells(ByteBuffer buffer) {
    Cells(MappedMemory memory) {
      this(memory.buffer());
    }

    int left() {
      return buffer.getInt(LEFT);
    }

    /**
     * @return how often it wrote
     */
    int play(Lock read, Lock write, int seed, int turns) throws InterruptedException {
      int written = 0;
      for (int turn = 0; turn < turns; turn++) {
        boolean writes = (turn + seed) % 5 == 0;
        Lock half = writes ? write : read;
        switch ((turn + seed) % 4) {
          case 0 -> half.lock();
          case 1 -> half.lockInterruptibly();
          case 2 -> {
            while (!half.tryLock(50, TimeUnit.MICROSECONDS)) {
              Thread.onSpinWait();
            }
          }
          default -> {
            while (!half.tryLock()) {
              Thread.yield();
            }
          }
        }
        try {
          int before = buffer.getInt(LEFT);
          if (writes) {
            buffer.putInt(LEFT, before + 1);
            written++;
          }
          for (int i = turn % 8; i > 0; i--) {
            Thread.onSpinWait();
          }
          int other = buffer.getInt(RIGHT);
          if (other != before) {
            throw new AssertionError("found " + before + " and " + other + ", expected the same");
          }
          if (writes) {
            buffer.putInt(RIGHT, before + 1);
          }
        } finally {
          half.unlock();
        }
      }
      return written;
    }
  }

  /** Readers that hand the lock to one another, so that one at least is always inside, do not keep a writer out. */
  @ParameterizedTest
  @EnumSource
  void writersAreNotStarved(Kind kind) throws Exception {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      AtomicBoolean over = new AtomicBoolean();
      List<Actor<?>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(
            Actor.start(
                () -> {
                  while (!over.get()) {
                    subject.read().lock();
                    Thread.sleep(1);
                    subject.read().unlock();
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 10; i++) {
        subject.write().lock();
        subject.write().unlock();
      }
      over.set(true);
      readers.forEach(Actor::result);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ORACLE")
  void closingReleasesWhoWaits(Kind kind) {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      subject.write().lock();
      Actor<Void> reader = subject.sleeper(subject.read());
      Actor<Void> writer = subject.sleeper(subject.write());
      subject.memory().close();
      assertInstanceOf(ClosedMemoryException.class, reader.failure());
      assertInstanceOf(ClosedMemoryException.class, writer.failure());
      for (Lock half : List.of(subject.read(), subject.write())) {
        assertThrows(ClosedMemoryException.class, half::lock);
        assertThrows(ClosedMemoryException.class, half::tryLock);
        assertTrue(half.toString().endsWith("closed"), half.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ORACLE")
  void thereAreNoConditions(Kind kind) {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      for (Lock half : List.of(subject.read(), subject.write())) {
        assertThrows(UnsupportedOperationException.class, half::newCondition);
      }
    }
  }

  /** Long enough for a lost wake-up to show: nobody is helped by healing as often as he sleeps here. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ORACLE")
  void noWakeUpIsLost(Kind kind) {
    try (ReadWriteSubject subject = new ReadWriteSubject(kind)) {
      long start = System.nanoTime();
      for (int round = 0; round < 30; round++) {
        List<Actor<Void>> sleepers = new ArrayList<>();
        Holder holder = new Holder(round % 2 == 0 ? subject.read() : subject.write());
        for (int i = 0; i < 4; i++) {
          boolean reads = (round >> i & 1) == 0;
          if (i == 0 || !reads || round % 2 == 1) {
            sleepers.add(subject.sleeper(i == 0 || !reads ? subject.write() : subject.read()));
          }
        }
        holder.release();
        sleepers.forEach(Actor::result);
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      Eventually.until("free again", () -> subject.write().tryLock());
      assertTrue(millis < 30 * 500, millis + " ms for 30 rounds: something waited to be healed");
    }
  }
}
