// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.FutexWait;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a condition does beyond {@link ConditionContractTest}: who sleeps where, and several mappings and JVMs. */
class SharedConditionTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final String KINDS = "org.jfutex.support.Kinds#all";
  private static final int CONDITION = 64;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  private SharedMutex mutex(MutexKind kind) {
    return SharedMutex.at(test.memory(), 0, kind, Kinds.NO_REPAIR);
  }

  private SharedCondition condition(SharedMutex mutex) {
    return SharedCondition.at(test.memory(), CONDITION, mutex);
  }

  private static Actor<Long> waiter(SharedMutex mutex, Condition condition) {
    return waiter(mutex, condition, () -> true);
  }

  private static Actor<Long> waiter(
      SharedMutex mutex, Condition condition, BooleanSupplier isOver) {
    return Actor.start(
        () -> {
          mutex.lock();
          try {
            do {
              condition.await();
            } while (!isOver.getAsBoolean());
            return System.nanoTime();
          } finally {
            mutex.unlock();
          }
        });
  }

  private List<FutexWait> waits(int offset) {
    return FUTEXES.waits().stream()
        .filter(wait -> wait.word().memory() == test.memory() && wait.word().offset() == offset)
        .toList();
  }

  /** Nobody runs while the signaller holds the mutex: they were moved to it, and sleep the same sleep. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void signalAllIsNoStampede(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    int count = 20;
    List<Actor<Long>> waiters = new ArrayList<>();
    AtomicBoolean signalled = new AtomicBoolean(); // else one that looked again by itself is gone
    for (int i = 0; i < count; i++) {
      waiters.add(waiter(mutex, condition, signalled::get).awaitBlocked(FUTEXES));
    }
    mutex.lock();
    signalled.set(true);
    List<FutexWait> before = waits(CONDITION);
    condition.signalAll();
    if (kind.priorityInheritance()) {
      Eventually.until("all queue for the mutex", () -> waits(0).size() == count);
    } else {
      List<FutexWait> after = waits(CONDITION);
      // After half a second each looks again by itself; on a slow machine some may have.
      after.forEach(
          wait ->
              assertTrue(before.contains(wait) || System.nanoTime() - oldest(before) > HEALING));
      waiters.forEach(waiter -> waiter.awaitBlocked(FUTEXES));
    }
    assertTrue(waiters.stream().noneMatch(Actor::isDone));
    long unlocking = System.nanoTime();
    mutex.unlock();
    waiters.forEach(waiter -> assertTrue(waiter.result() > unlocking));
    assertEquals("free", describe(mutex));
  }

  /** One by one they would wait for each other's wake-up, while CPUs are idle. */
  @ParameterizedTest
  @MethodSource
  void unlockingAfterASignalToAllWakesSeveral(MutexKind kind) {
    int count = WordProtocol.SEVERAL + 2;
    boolean seen = false;
    for (int attempt = 0; attempt < 20 && !seen; attempt++) {
      seen = severalAreWoken(kind, count, attempt);
    }
    assertTrue(seen, "in none of 20 attempts");
  }

  static Stream<MutexKind> unlockingAfterASignalToAllWakesSeveral() {
    return Stream.of(MutexKind.NORMAL, MutexKind.DEFAULT);
  }

  /** Whoever takes the mutex keeps it, so the others that were woken sleep again; false if it took too long to tell. */
  private boolean severalAreWoken(MutexKind kind, int count, int attempt) {
    int offset = attempt * 128;
    SharedMutex mutex = SharedMutex.at(test.memory(), 1024 + offset, kind);
    SharedCondition condition = SharedCondition.at(test.memory(), 1024 + offset + 64, mutex);
    AtomicBoolean signalled = new AtomicBoolean();
    CountDownLatch looked = new CountDownLatch(1);
    List<Actor<Boolean>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waiters.add(
          Actor.start(
                  () -> {
                    mutex.lock();
                    try {
                      while (!signalled.get()) {
                        condition.awaitUninterruptibly();
                      }
                      return looked.await(1, TimeUnit.MINUTES);
                    } finally {
                      mutex.unlock();
                    }
                  })
              .awaitBlocked(FUTEXES));
    }
    long oldest = oldest(waits(1024 + offset + 64));
    mutex.lock();
    signalled.set(true);
    condition.signalAll();
    long unlocking = System.nanoTime();
    mutex.unlock();
    long again = 0;
    // Later each looks again by itself.
    while (again < WordProtocol.SEVERAL - 1 && System.nanoTime() - oldest < HEALING) {
      again = waits(1024 + offset).stream().filter(w -> w.sinceNanos() - unlocking > 0).count();
    }
    boolean inTime = System.nanoTime() - oldest < HEALING;
    looked.countDown();
    waiters.forEach(waiter -> assertTrue(waiter.result()));
    return inTime && again == WordProtocol.SEVERAL - 1;
  }

  private static final long HEALING = TimeUnit.MILLISECONDS.toNanos(400);

  private static long oldest(List<FutexWait> waits) {
    return waits.stream().mapToLong(FutexWait::sinceNanos).min().orElseThrow();
  }

  private static String describe(SharedMutex mutex) {
    return mutex.toString().replaceAll(".*: ", "");
  }

  /** An event that is not waited for twice: whoever looks again returns, and its caller looks at what it waits for. */
  @Test
  void looksAgainByItselfNowAndThen() {
    SharedMutex mutex = mutex(MutexKind.DEFAULT);
    Actor<Long> waiting = waiter(mutex, condition(mutex));
    assertTrue(waiting.result() > 0, "not signalled");
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void closedMemoryEndsTheWait(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    try (TestMemory other = new TestMemory()) {
      SharedMutex next = SharedMutex.at(other.memory(), 0, kind, Kinds.NO_REPAIR);
      Actor<Throwable> waiting =
          Actor.start(
              () -> {
                mutex.lock();
                Throwable thrown =
                    assertThrows(ClosedMemoryException.class, condition::awaitUninterruptibly);
                next.lock(); // its robust list is in order
                next.unlock();
                return thrown;
              });
      waiting.awaitBlocked(FUTEXES);
      test.memory().close();
      assertInstanceOf(ClosedMemoryException.class, waiting.result());
      assertEquals("free", describe(next));
    }
  }

  @Test
  void refusesAPlaceThatItCannotHave() {
    SharedMutex mutex = mutex(MutexKind.DEFAULT);
    assertThrows(
        IllegalArgumentException.class, () -> SharedCondition.at(test.memory(), 68, mutex));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedCondition.at(test.memory(), TestMemory.BYTES - 8, mutex));
    assertThrows(UnsupportedOperationException.class, mutex::newCondition);
    ByteBuffer direct = ByteBuffer.allocateDirect(SharedCondition.BYTES);
    assertTrue(
        SharedCondition.at(direct, 0, mutex)
            .toString()
            .contains("0 waiting, of robust error-check mutex at offset 0 of"));
  }

  /**
   * A signal that comes after the waiter gave the mutex up, and before it sleeps, is one: an interrupt that comes later
   * still leaves it signalled.
   */
  @ParameterizedTest
  @MethodSource(KINDS)
  void signalledBeforeItSleepsIsSignalled(MutexKind kind) throws InterruptedException {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    int rounds = 500;
    boolean[] waits = new boolean[1];
    Actor<String> waiter =
        Actor.start(
            () -> {
              for (int i = 0; i < rounds; i++) {
                mutex.lock();
                waits[0] = true;
                try {
                  do {
                    condition.await();
                  } while (waits[0]); // on a slow machine it looks again by itself
                } catch (InterruptedException e) {
                  return "signalled, then interrupted, it threw in round " + i;
                } finally {
                  waits[0] = false;
                  mutex.unlock();
                }
                while (!Thread.interrupted()) {
                  Thread.onSpinWait();
                }
              }
              return "";
            });
    for (int i = 0; i < rounds && !waiter.isDone(); ) {
      mutex.lock();
      if (waits[0]) {
        condition.signal();
        waiter.thread().interrupt();
        waits[0] = false;
        i++;
      }
      mutex.unlock();
    }
    assertEquals("", waiter.result());
  }

  /**
   * Two JVMs that do not look again by themselves, two mappings each: a lost signal stops all of them. A place for one
   * item, signals that wake one, and visitors who are interrupted and time out, and who never make up for a signal.
   */
  @Test
  void noSignalIsLostBetweenMappingsAndProcesses() {
    ChildJvm.runAll(
        2, List.of("-Djfutex.healing=0"), SharedConditionTest.class, test.path().toString());
    int number = 0;
    for (MutexKind kind : Kinds.all().toList()) {
      Buffer buffer = new Buffer(test.memory(), number++, kind);
      assertEquals(Buffer.ITEMS, buffer.taken(), "taken, " + kind);
      assertEquals(Buffer.ITEMS * (Buffer.ITEMS - 1L) / 2, buffer.sum(), "sum, " + kind);
      assertEquals(0, buffer.free(), kind + " is free");
    }
  }

  public static void main(String[] arguments) throws IOException {
    List<MappedMemory> mappings =
        List.of(MappedMemory.open(Path.of(arguments[0])), MappedMemory.open(Path.of(arguments[0])));
    int number = 0;
    for (MutexKind kind : Kinds.all().toList()) {
      List<Actor<Void>> actors = new ArrayList<>();
      for (MappedMemory mapping : mappings) {
        Buffer buffer = new Buffer(mapping, number, kind);
        actors.add(Actor.start(buffer::produce));
        actors.add(Actor.start(() -> buffer.consume(true)));
        actors.add(Actor.start(() -> buffer.consume(false)));
      }
      Buffer buffer = new Buffer(mappings.get(0), number, kind);
      Actor<Void> visitor = Actor.start(() -> buffer.visit(FutexManager.system().currentTid()));
      SplittableRandom random = new SplittableRandom(number);
      while (!visitor.isDone()) {
        LockSupport.parkNanos(random.nextInt(200_000));
        visitor.thread().interrupt();
      }
      actors.add(visitor);
      actors.forEach(Actor::result);
      number++;
    }
  }

  /** A buffer for one item, in shared memory: its fields are plain, the mutex guards them. */
  private static final class Buffer {
    static final int ITEMS = 600;
    private static final int BYTES = 256;
    private static final int PUT = 192;
    private static final int TAKEN = 196;
    private static final int SUM = 200;
    private static final int ITEM = 208;
    private static final int FULL = 212;

    private final SharedMutex mutex;
    private final SharedCondition notEmpty;
    private final SharedCondition notFull;
    private final ByteBuffer fields;
    private final int base;

    Buffer(MappedMemory memory, int number, MutexKind kind) {
      base = number * BYTES;
      mutex = SharedMutex.at(memory, base, kind, Kinds.NO_REPAIR);
      notEmpty = SharedCondition.at(memory, base + 64, mutex);
      notFull = SharedCondition.at(memory, base + 128, mutex);
      fields = memory.buffer();
    }

    int taken() {
      return fields.getInt(base + TAKEN);
    }

    long sum() {
      return fields.getLong(base + SUM);
    }

    int free() {
      return fields.getInt(base + MutexLayout.OWNER);
    }

    private boolean isFull() {
      return fields.getInt(base + FULL) != 0;
    }

    private boolean isOver() {
      return taken() == ITEMS;
    }

    private void await(Condition condition, boolean interruptibly, BooleanSupplier until) {
      while (!until.getAsBoolean()) {
        if (interruptibly) {
          try {
            condition.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        } else {
          condition.awaitUninterruptibly();
        }
      }
    }

    Void produce() {
      while (true) {
        mutex.lock();
        try {
          await(notFull, true, () -> !isFull());
          int item = fields.getInt(base + PUT);
          if (item == ITEMS) {
            notFull.signal(); // the next one is to see that as well
            return null;
          }
          fields.putInt(base + PUT, item + 1).putInt(base + ITEM, item).putInt(base + FULL, 1);
          notEmpty.signal();
        } finally {
          mutex.unlock();
        }
      }
    }

    Void consume(boolean interruptibly) {
      while (true) {
        mutex.lock();
        try {
          await(notEmpty, interruptibly, () -> isFull() || isOver());
          if (isOver()) {
            return null;
          }
          take();
        } finally {
          mutex.unlock();
        }
      }
    }

    private void take() {
      fields
          .putInt(base + FULL, 0)
          .putInt(base + TAKEN, taken() + 1)
          .putLong(base + SUM, sum() + fields.getInt(base + ITEM));
      notFull.signal();
      if (isOver()) {
        notEmpty.signalAll();
      }
    }

    /** Takes an item only when it was signalled: an item that is there when it comes was meant for others. */
    Void visit(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      while (true) {
        mutex.lock();
        try {
          if (isOver()) {
            return null;
          }
          if (!isFull()
              && notEmpty.await(random.nextInt(100_000), TimeUnit.NANOSECONDS)
              && isFull()) {
            take();
          }
        } catch (InterruptedException e) {
          // Not signalled: whoever was, takes it.
        } finally {
          mutex.unlock();
        }
        LockSupport.parkNanos(random.nextInt(100_000));
      }
    }
  }
}
