// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of a mutex whose owner died. A Java thread that ends while it holds one is enough: the kernel walks its
 * robust list as it would after SIGKILL.
 */
class RobustMutexTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final String ROBUST = "org.jfutex.support.Kinds#robust";
  private static final long SECONDS_60 = 60;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  static Stream<MutexKind> robustWithoutPi() {
    return Kinds.robust().filter(kind -> !kind.priorityInheritance());
  }

  static Stream<MutexKind> robustPi() {
    return Kinds.robust().filter(MutexKind::priorityInheritance);
  }

  static Stream<MutexKind> mortalPi() {
    return Kinds.all().filter(kind -> kind.priorityInheritance() && !kind.robust());
  }

  private SharedMutex mutex(MutexKind kind) {
    return SharedMutex.at(test.memory(), 0, kind);
  }

  private SharedMutex mutex(MutexKind kind, Recovery recovery) {
    return SharedMutex.at(test.memory(), 0, kind, recovery);
  }

  private SharedCondition condition(SharedMutex mutex) {
    return SharedCondition.at(test.memory(), 64, mutex);
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

  /** In a thread that ends then, whatever it holds. */
  private static void dieAfter(Action action) {
    Actor<Void> dying = Actor.start(call(action));
    dying.result();
    try {
      dying.thread().join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long soon() {
    return Deadline.after(SECONDS_60, TimeUnit.SECONDS);
  }

  /** The kernel marks the word a moment after Java sees the thread end. */
  private static Acquisition acquire(SharedMutex mutex) {
    return mutex.acquire(soon());
  }

  private static void assertFreeAndSound(SharedMutex mutex) {
    Actor.start(
            () -> {
              assertEquals(Acquisition.ACQUIRED, acquire(mutex));
              assertEquals(1, mutex.getHoldCount());
              mutex.unlock();
              return null;
            })
        .result();
    assertTrue(mutex.toString().endsWith(": free"), mutex.toString());
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void theNextOwnerIsTold(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    dieAfter(
        () -> {
          mutex.acquire();
          if (kind.again() == MutexKind.Again.RECURSIVE) {
            mutex.acquire();
          }
        });
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    assertEquals(1, mutex.getHoldCount());
    assertTrue(mutex.toString().endsWith(", inconsistent"), mutex.toString());
    assertInstanceOf(
        IllegalMonitorStateException.class, Actor.start(call(mutex::makeConsistent)).failure());
    assertInstanceOf(
        IllegalMonitorStateException.class, Actor.start(call(mutex::decline)).failure());
    mutex.makeConsistent();
    assertThrows(IllegalStateException.class, mutex::makeConsistent, "is consistent");
    assertThrows(IllegalStateException.class, mutex::decline, "is consistent");
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void aSleeperIsToldToo(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    Actor<List<Actor<Acquisition>>> dying =
        Actor.start(
            () -> {
              mutex.acquire();
              List<Actor<Acquisition>> sleepers = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                sleepers.add(
                    Actor.start(
                            () -> {
                              Acquisition result = acquire(mutex);
                              if (result == Acquisition.OWNER_DIED) {
                                mutex.makeConsistent();
                              }
                              mutex.unlock();
                              return result;
                            })
                        .awaitBlocked(FUTEXES));
              }
              return sleepers;
            });
    List<Acquisition> results = dying.result().stream().map(Actor::result).toList();
    assertEquals(1, Collections.frequency(results, Acquisition.OWNER_DIED), results.toString());
    assertEquals(2, Collections.frequency(results, Acquisition.ACQUIRED), results.toString());
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void whoDeclinesLeavesItAsItWas(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    dieAfter(mutex::acquire);
    for (int i = 0; i < 3; i++) {
      assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
      Actor<Acquisition> sleeper =
          Actor.start(
                  () -> {
                    Acquisition result = acquire(mutex);
                    mutex.decline();
                    return result;
                  })
              .awaitBlocked(FUTEXES);
      mutex.decline();
      assertFalse(mutex.isHeldByCurrentThread());
      assertEquals(Acquisition.OWNER_DIED, sleeper.result());
    }
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    mutex.makeConsistent();
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource("robustPi")
  void aPiMutexCannotBeDeclined(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    dieAfter(mutex::acquire);
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    assertThrows(UnsupportedOperationException.class, mutex::decline);
    assertTrue(mutex.isHeldByCurrentThread());
    mutex.makeConsistent();
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void unlockedInconsistentItIsNotRecoverable(MutexKind kind) {
    SharedMutex mutex = mutex(kind, Kinds.NO_REPAIR);
    dieAfter(mutex::acquire);
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    List<Callable<?>> calls =
        List.of(
            call(mutex::lock),
            call(mutex::lockInterruptibly),
            () -> mutex.tryLock(1, TimeUnit.HOURS),
            () -> mutex.acquire(),
            () -> mutex.acquireInterruptibly(soon()));
    List<Actor<?>> sleepers = new ArrayList<>();
    for (Callable<?> each : calls) {
      sleepers.add(Actor.start(each).awaitBlocked(FUTEXES));
    }
    mutex.unlock();
    sleepers.forEach(s -> assertInstanceOf(NotRecoverableException.class, s.failure()));
    List<Callable<?>> more = new ArrayList<>(calls);
    more.add(mutex::tryLock);
    more.add(mutex::tryAcquire);
    more.add(() -> mutex.tryLock(0, TimeUnit.SECONDS));
    for (Callable<?> each : more) {
      assertThrows(NotRecoverableException.class, each::call);
      assertFalse(mutex.isHeldByCurrentThread());
    }
    assertFalse(mutex.isLocked());
    assertThrows(IllegalMonitorStateException.class, mutex::unlock);
  }

  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void withoutARecoveryLockThrowsAndDoesNotHold(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    dieAfter(mutex::lock);
    for (Callable<?> each :
        List.<Callable<?>>of(
            call(mutex::lock),
            call(mutex::lockInterruptibly),
            () -> mutex.tryLock(1, TimeUnit.HOURS),
            mutex::tryLock,
            () -> mutex.tryLock(0, TimeUnit.SECONDS))) {
      String message = assertThrows(OwnerDiedException.class, each::call).getMessage();
      assertTrue(message.contains("the next one will be told the same"), message);
      assertTrue(message.endsWith(": " + mutex), message); // whose state is a sentence of its own
      assertFalse(mutex.isHeldByCurrentThread());
      assertFalse(mutex.isLocked());
    }
    assertEquals(Acquisition.OWNER_DIED, Actor.start(() -> acquire(mutex)).result());
  }

  @ParameterizedTest
  @MethodSource("robustPi")
  void aRobustPiMutexNeedsARecovery(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    for (Callable<?> each :
        List.<Callable<?>>of(
            call(mutex::lock),
            call(mutex::lockInterruptibly),
            () -> mutex.tryLock(1, TimeUnit.HOURS),
            mutex::tryLock)) {
      assertThrows(IllegalStateException.class, each::call);
      assertFalse(mutex.isLocked());
    }
    assertEquals(Acquisition.ACQUIRED, mutex.acquire());
    for (Callable<?> each :
        List.<Callable<?>>of(
            call(condition::await),
            call(condition::awaitUninterruptibly),
            () -> condition.await(1, TimeUnit.HOURS))) {
      assertThrows(IllegalStateException.class, each::call);
      assertTrue(mutex.isHeldByCurrentThread());
    }
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void theRecoveryRunsInsideLock(MutexKind kind) throws Exception {
    AtomicInteger recoveries = new AtomicInteger();
    SharedMutex mutex =
        mutex(
            kind,
            repaired -> {
              assertTrue(repaired.isHeldByCurrentThread());
              if (recoveries.incrementAndGet() % 2 == 0) {
                repaired.makeConsistent(); // allowed, and not needed
              }
            });
    List<Callable<?>> calls =
        List.of(
            call(mutex::lock),
            call(mutex::lockInterruptibly),
            () -> mutex.tryLock(1, TimeUnit.HOURS),
            call(
                () -> {
                  while (!mutex.tryLock()) {
                    Thread.onSpinWait();
                  }
                }));
    for (Callable<?> each : calls) {
      int before = recoveries.get();
      dieAfter(mutex::lock);
      each.call();
      assertEquals(before + 1, recoveries.get());
      assertEquals(1, mutex.getHoldCount());
      mutex.unlock();
      assertFreeAndSound(mutex);
    }
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void aRecoveryThatThrowsDeclines(MutexKind kind) {
    SharedMutex mutex =
        mutex(
            kind,
            repaired -> {
              throw new IllegalArgumentException("beyond repair");
            });
    for (Callable<?> each :
        List.<Callable<?>>of(call(mutex::lock), () -> mutex.tryLock(1, TimeUnit.HOURS))) {
      dieAfter(mutex::acquire);
      assertThrows(IllegalArgumentException.class, each::call);
      assertFalse(mutex.isHeldByCurrentThread());
      if (kind.priorityInheritance()) {
        assertThrows(NotRecoverableException.class, mutex::acquire);
        return;
      }
      assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
      mutex.makeConsistent();
      mutex.unlock();
    }
  }

  /** After 500 ms it would look again by itself, and return. */
  private static void awaitUntilItThrows(SharedCondition condition) throws InterruptedException {
    while (true) {
      condition.await();
    }
  }

  /** A thread that waits for a condition whose signaller dies. */
  private <T> Actor<T> waiterOfADeadSignaller(
      SharedMutex mutex, BooleanSupplier isOver, Callable<T> afterwards) {
    SharedCondition condition = condition(mutex);
    int holds = mutex.kind().again() == MutexKind.Again.RECURSIVE ? 3 : 1;
    Actor<T> waiting =
        Actor.start(
                () -> {
                  for (int i = 0; i < holds; i++) {
                    mutex.lock();
                  }
                  try {
                    while (!isOver.getAsBoolean()) { // after 500 ms it looks again by itself
                      condition.await();
                    }
                  } finally {
                    assertEquals(holds, mutex.getHoldCount());
                    for (int i = 1; i < holds; i++) {
                      mutex.unlock();
                    }
                  }
                  return afterwards.call();
                })
            .awaitBlocked(FUTEXES);
    dieAfter(
        () -> {
          mutex.lock();
          condition.signal();
        });
    return waiting;
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void theRecoveryRunsInsideAwait(MutexKind kind) {
    AtomicInteger recoveries = new AtomicInteger();
    SharedMutex mutex = mutex(kind, repaired -> recoveries.incrementAndGet());
    waiterOfADeadSignaller(mutex, () -> recoveries.get() > 0, call(mutex::unlock)).result();
    assertEquals(1, recoveries.get());
    assertFreeAndSound(mutex);
  }

  /** Await returns or throws holding the mutex. What unlocking it then does is for the next owner to see. */
  private void assertAwaitThrowsHolding(SharedMutex mutex, Class<?> thrown) {
    SharedCondition condition = condition(mutex);
    Actor<Boolean> waiting =
        Actor.start(
                () -> {
                  mutex.lock();
                  try {
                    awaitUntilItThrows(condition);
                    return false;
                  } catch (IllegalStateException e) {
                    assertInstanceOf(thrown, e);
                    return mutex.isHeldByCurrentThread();
                  } finally {
                    mutex.unlock();
                  }
                })
            .awaitBlocked(FUTEXES);
    dieAfter(
        () -> {
          mutex.lock();
          condition.signal();
        });
    assertTrue(waiting.result());
  }

  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void awaitWithoutARecoveryThrowsHolding(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    assertAwaitThrowsHolding(mutex, OwnerDiedException.class);
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    mutex.makeConsistent();
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void awaitWhoseRecoveryThrowsThrowsHolding(MutexKind kind) {
    SharedMutex mutex =
        mutex(
            kind,
            repaired -> {
              throw new IllegalStateException("beyond repair");
            });
    assertAwaitThrowsHolding(mutex, IllegalStateException.class);
    if (kind.priorityInheritance()) {
      assertThrows(NotRecoverableException.class, mutex::acquire);
    } else {
      assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
      mutex.decline();
    }
  }

  /** That one owner was about to decline is nothing to the next. */
  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void declineIsForgottenWithWhoWouldHave(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    Actor<Boolean> waiting =
        Actor.start(
                () -> {
                  mutex.lock();
                  assertThrows(OwnerDiedException.class, () -> awaitUntilItThrows(condition));
                  return mutex.isHeldByCurrentThread(); // and ends
                })
            .awaitBlocked(FUTEXES);
    dieAfter(
        () -> {
          mutex.lock();
          condition.signal();
        });
    assertTrue(waiting.result());
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    mutex.unlock();
    assertThrows(NotRecoverableException.class, mutex::lock);
  }

  /** Repaired through another object of the same mutex, so the first one was not told. */
  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void whatWasMadeConsistentElsewhereIsNotDeclined(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    SharedCondition condition = condition(mutex);
    Actor<Object> waiting =
        Actor.start(
                () -> {
                  mutex.lock();
                  assertThrows(OwnerDiedException.class, () -> awaitUntilItThrows(condition));
                  SharedMutex same = mutex(kind);
                  same.makeConsistent();
                  same.unlock();
                  mutex.lock();
                  mutex.unlock();
                  return null;
                })
            .awaitBlocked(FUTEXES);
    dieAfter(
        () -> {
          mutex.lock();
          condition.signal();
        });
    waiting.result();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void nobodyWaitsForAConditionWithDataInPieces(MutexKind kind) {
    SharedMutex mutex = mutex(kind, Kinds.NO_REPAIR);
    dieAfter(mutex::acquire);
    assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
    assertThrows(IllegalStateException.class, () -> condition(mutex).await());
    assertTrue(mutex.isHeldByCurrentThread());
    mutex.makeConsistent();
    mutex.unlock();
    assertFreeAndSound(mutex);
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void awaitOfANotRecoverableMutexThrowsNotHolding(MutexKind kind) {
    SharedMutex mutex = mutex(kind, Kinds.NO_REPAIR);
    SharedCondition condition = condition(mutex);
    Actor<Void> waiting =
        Actor.start(
                call(
                    () -> {
                      mutex.lock();
                      assertThrows(
                          NotRecoverableException.class, () -> awaitUntilItThrows(condition));
                      assertFalse(mutex.isHeldByCurrentThread());
                    }))
            .awaitBlocked(FUTEXES);
    dieAfter(
        () -> {
          mutex.acquire();
          condition.signalAll();
          // Whoever comes now, this thread or the waiter, must not be told before it is given up.
          mutex.setOwner(MutexLayout.OWNER_INCONSISTENT);
          mutex.unlock();
        });
    waiting.result();
  }

  @ParameterizedTest
  @MethodSource("mortalPi")
  void thePiMutexOfADeadOwnerIsLost(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    Actor<Integer> dying =
        Actor.start(
            () -> {
              mutex.lock();
              return FUTEXES.currentTid();
            });
    Path task = Path.of("/proc/self/task/" + dying.result());
    Eventually.until("its thread is gone", () -> !Files.exists(task));
    for (Callable<?> each :
        List.<Callable<?>>of(
            call(mutex::lock),
            call(mutex::lockInterruptibly),
            () -> mutex.tryLock(1, TimeUnit.HOURS),
            mutex::acquire)) {
      assertThrows(OwnerNotFoundException.class, each::call);
    }
    assertFalse(mutex.tryLock());
    assertTrue(mutex.toString().contains("which does not exist here"), mutex.toString());
  }

  @ParameterizedTest
  @MethodSource("mortalPi")
  void whoWaitedForAPiMutexIsTold(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    Actor<Actor<Acquisition>> dying =
        Actor.start(
            () -> {
              mutex.lock();
              return Actor.start(
                      () -> {
                        Acquisition result = acquire(mutex);
                        assertThrows(IllegalStateException.class, mutex::makeConsistent);
                        mutex.unlock();
                        return result;
                      })
                  .awaitBlocked(FUTEXES);
            });
    assertEquals(Acquisition.OWNER_DIED, dying.result().result());
    assertFreeAndSound(mutex);
    Actor<Actor<Void>> next =
        Actor.start(
            () -> {
              mutex.lock();
              return Actor.start(call(mutex::lock)).awaitBlocked(FUTEXES);
            });
    Throwable thrown = next.result().failure();
    assertInstanceOf(OwnerDiedException.class, thrown);
    assertTrue(thrown.getMessage().contains("nobody else will be told"), thrown.getMessage());
    assertFreeAndSound(mutex);
  }

  @Test
  void holdsAsManyAsTheKernelLooksAt() {
    int limit = 2048;
    int bytes = (limit + 1) * SharedMutex.BYTES;
    MappedMemory memory = MappedMemory.wrap(ByteBuffer.allocateDirect(bytes));
    List<MutexKind> kinds = Kinds.robust().toList();
    List<SharedMutex> mutexes = new ArrayList<>();
    for (int i = 0; i <= limit; i++) {
      mutexes.add(
          SharedMutex.at(
              memory, i * SharedMutex.BYTES, kinds.get(i % kinds.size()), Kinds.NO_REPAIR));
    }
    Actor.start(
            () -> {
              List<SharedMutex> held = new ArrayList<>(mutexes.subList(0, limit));
              held.forEach(SharedMutex::lock);
              SharedMutex tooMany = mutexes.get(limit);
              String message =
                  assertThrows(IllegalStateException.class, tooMany::lock).getMessage();
              assertTrue(message.contains("holds 2048 robust mutexes"), message);
              assertThrows(IllegalStateException.class, tooMany::tryLock);
              assertFalse(tooMany.isLocked());
              Collections.shuffle(held, new Random(2048));
              List<SharedMutex> first = held.subList(0, limit / 2);
              first.forEach(SharedMutex::unlock);
              first.forEach(mutex -> assertFalse(mutex.isLocked()));
              first.forEach(SharedMutex::lock);
              assertThrows(IllegalStateException.class, tooMany::lock);
              Collections.shuffle(held, new Random(1));
              held.forEach(SharedMutex::unlock);
              tooMany.lock();
              tooMany.unlock();
              return null;
            })
        .result();
    mutexes.forEach(mutex -> assertFalse(mutex.isLocked()));
    dieAfter(() -> mutexes.subList(0, limit).forEach(SharedMutex::lock));
    for (SharedMutex mutex : mutexes.subList(0, limit)) {
      assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
      mutex.makeConsistent();
      mutex.unlock();
    }
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void twoMappingsAreOneMutex(MutexKind kind) {
    SharedMutex mutex = mutex(kind, Kinds.NO_REPAIR);
    try (MappedMemory again = test.mapAgain()) {
      SharedMutex same = SharedMutex.at(again, 0, kind, Kinds.NO_REPAIR);
      SharedMutex other = SharedMutex.at(again, 64, kind, Kinds.NO_REPAIR);
      mutex.lock();
      other.lock();
      assertTrue(same.isHeldByCurrentThread());
      same.unlock();
      assertFalse(mutex.isLocked());
      same.lock();
      other.unlock();
      mutex.unlock();
      assertFreeAndSound(same);
      assertFreeAndSound(other);
      dieAfter(
          () -> {
            same.lock();
            other.lock();
          });
      assertEquals(Acquisition.OWNER_DIED, acquire(mutex));
      same.makeConsistent();
      mutex.unlock();
      assertFreeAndSound(same);
    }
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void manyThreadsEndHoldingSeveral(MutexKind kind) {
    AtomicInteger recoveries = new AtomicInteger();
    int count = 64;
    List<SharedMutex> mutexes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      mutexes.add(
          SharedMutex.at(test.memory(), 64 * i, kind, repaired -> recoveries.incrementAndGet()));
    }
    Random random = new Random(7);
    List<Actor<Void>> dying = new ArrayList<>();
    int deaths = 24;
    int each = 8;
    for (int i = 0; i < deaths; i++) {
      List<Integer> numbers = new ArrayList<>();
      while (numbers.size() < each) {
        int number = random.nextInt(count);
        if (!numbers.contains(number)) {
          numbers.add(number);
        }
      }
      Collections.sort(numbers); // in one order, or they would wait for each other
      dying.add(Actor.start(call(() -> numbers.forEach(number -> mutexes.get(number).lock()))));
    }
    dying.forEach(Actor::result);
    for (SharedMutex mutex : mutexes) {
      mutex.lock();
      mutex.unlock();
      assertFreeAndSound(mutex);
    }
    assertEquals(deaths * each, recoveries.get(), "each death of each owner was told once");
  }
}
