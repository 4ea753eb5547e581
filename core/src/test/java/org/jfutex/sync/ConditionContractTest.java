// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.LockSubject;
import org.jfutex.support.LockSubject.End;
import org.jfutex.support.LockSubject.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link Condition} promises, as those of {@code ReentrantLock} keep it. They allow themselves no spurious
 * wake-up, and neither does a scene that is over before the healing period is.
 */
class ConditionContractTest {
  /** Long enough to be seen asleep on a busy machine, and to end before a wait is ended by itself. */
  private static final long SEEN_ASLEEP_MILLIS = 400;

  private static final String KINDS = "org.jfutex.support.LockSubject#kinds";
  private static final End INTERRUPTED = new End("threw InterruptedException", false, 1);

  private static Callable<Void> await(Condition condition) {
    return () -> {
      condition.await();
      return null;
    };
  }

  private static Callable<Void> awaitUninterruptibly(Condition condition) {
    return () -> {
      condition.awaitUninterruptibly();
      return null;
    };
  }

  private static Date inAnHour() {
    return Date.from(Instant.now().plusSeconds(3600));
  }

  /** Those that an interrupt ends, and how they return when they were signalled. */
  private static Map<Callable<?>, String> interruptible(Condition condition) {
    Map<Callable<?>, String> calls = new LinkedHashMap<>();
    calls.put(await(condition), "returned null");
    calls.put(() -> condition.await(1, TimeUnit.HOURS), "returned true");
    calls.put(() -> condition.await(Long.MAX_VALUE, TimeUnit.DAYS), "returned true");
    calls.put(() -> condition.awaitNanos(Long.MAX_VALUE) > 0, "returned true");
    calls.put(() -> condition.awaitUntil(inAnHour()), "returned true");
    calls.put(() -> condition.awaitUntil(new Date(Long.MAX_VALUE)), "returned true");
    return calls;
  }

  /** In order: each waits before the next one comes. */
  private static List<Actor<End>> waiters(LockSubject subject, int count) {
    List<Actor<End>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waiters.add(subject.waitsForCondition(subject.holder(await(subject.condition()))));
    }
    return waiters;
  }

  private static void signal(LockSubject subject) {
    subject.lock().lock();
    subject.condition().signal();
    subject.lock().unlock();
  }

  private static void signalAll(LockSubject subject) {
    subject.lock().lock();
    subject.condition().signalAll();
    subject.lock().unlock();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whoDoesNotHoldTheLockIsRefused(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Condition condition = subject.condition();
          List<Callable<?>> calls = new ArrayList<>(interruptible(condition).keySet());
          calls.add(awaitUninterruptibly(condition));
          calls.add(() -> condition.await(0, TimeUnit.SECONDS));
          calls.add(() -> condition.awaitNanos(-1));
          calls.add(() -> condition.awaitUntil(new Date(0)));
          calls.add(
              () -> {
                condition.signal();
                return null;
              });
          calls.add(
              () -> {
                condition.signalAll();
                return null;
              });
          Actor<End> waiting = waiters(subject, 1).get(0);
          End refused = new End("threw IllegalMonitorStateException", false, 0);
          for (Callable<?> call : calls) {
            assertEquals(refused, subject.end(call), "free");
            subject.lock().lock();
            assertEquals(refused, subject.actor(call).result(), "held by another");
            assertEquals(1, subject.holds());
            subject.lock().unlock();
          }
          subject.waitsForCondition(waiting).thread().interrupt();
          assertEquals(INTERRUPTED, waiting.result(), "was not signalled");
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void awaitGivesUpAllHoldsAndRestoresThem(Kind kind) throws Exception {
    kind.play(
        subject -> {
          int holds = kind.isRecursive() ? 3 : 1;
          List<Actor<End>> waiters = new ArrayList<>();
          for (Callable<?> call :
              List.of(
                  await(subject.condition()),
                  awaitUninterruptibly(subject.condition()),
                  (Callable<Boolean>)
                      () -> subject.condition().await(SEEN_ASLEEP_MILLIS, TimeUnit.MILLISECONDS))) {
            waiters.add(
                subject.waitsForCondition(
                    subject.holder(
                        () -> {
                          for (int i = 1; i < holds; i++) {
                            subject.lock().lock();
                          }
                          return call.call();
                        })));
            assertFalse(subject.isLocked());
          }
          assertEquals(new End("returned false", false, holds), waiters.get(2).result());
          waiters.get(0).thread().interrupt();
          assertEquals(
              new End("threw InterruptedException", false, holds), waiters.get(0).result());
          signal(subject);
          assertEquals(new End("returned null", false, holds), waiters.get(1).result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void returnsWhenSignalled(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (Map.Entry<Callable<?>, String> each :
              interruptible(subject.condition()).entrySet()) {
            Actor<End> waiting = subject.waitsForCondition(subject.holder(each.getKey()));
            signal(subject);
            assertEquals(new End(each.getValue(), false, 1), waiting.result());
          }
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void timesOut(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Condition condition = subject.condition();
          for (Callable<?> call :
              List.<Callable<Boolean>>of(
                  () -> condition.await(2, TimeUnit.MILLISECONDS),
                  () -> condition.await(0, TimeUnit.SECONDS),
                  () -> condition.await(-1, TimeUnit.SECONDS),
                  () -> condition.await(Long.MIN_VALUE, TimeUnit.DAYS),
                  () -> condition.awaitNanos(2_000_000) > 0,
                  () -> condition.awaitNanos(0) > 0,
                  () -> condition.awaitNanos(-1) > 0,
                  () -> condition.awaitNanos(Long.MIN_VALUE) > 0,
                  () -> condition.awaitUntil(new Date()),
                  () -> condition.awaitUntil(new Date(0)),
                  () -> condition.awaitUntil(new Date(-1)),
                  () -> condition.awaitUntil(new Date(Long.MIN_VALUE)),
                  () -> condition.awaitUntil(new Date(System.currentTimeMillis() + 3)))) {
            assertEquals(new End("returned false", false, 1), subject.holder(call).result());
          }
          assertThrows(NullPointerException.class, () -> condition.await(1, null));
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void neitherTooEarlyNorWithMoreThanWasAsked(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Condition condition = subject.condition();
          subject.lock().lock();
          long start = System.nanoTime();
          condition.await(5, TimeUnit.MILLISECONDS);
          long nanos = System.nanoTime() - start;
          assertTrue(nanos >= TimeUnit.MILLISECONDS.toNanos(5), nanos + " ns");
          long until = System.currentTimeMillis() + 5;
          condition.awaitUntil(new Date(until));
          assertTrue(System.currentTimeMillis() >= until);
          subject.lock().unlock();
          long asked = TimeUnit.HOURS.toNanos(1);
          Actor<Long> waiting =
              subject.waitsForCondition(
                  Actor.start(
                      () -> {
                        subject.lock().lock();
                        try {
                          long from = System.nanoTime();
                          long left = condition.awaitNanos(asked);
                          long took = System.nanoTime() - from;
                          assertTrue(left < asked && left >= asked - took, left + " ns left");
                          return left;
                        } finally {
                          subject.lock().unlock();
                        }
                      }));
          signal(subject);
          waiting.result();
        });
  }

  /** As {@code java.sql.Date}, which is no instant, but has milliseconds all the same. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void aDateIsItsMilliseconds(Kind kind) throws Exception {
    class SqlDate extends Date {
      private static final long serialVersionUID = 1L;

      @Override
      public Instant toInstant() {
        throw new UnsupportedOperationException();
      }
    }

    kind.play(
        subject ->
            assertEquals(
                new End("returned false", false, 1),
                subject.holder(() -> subject.condition().awaitUntil(new SqlDate())).result()));
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void anInterruptBeforeIsThrownAtOnce(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Condition condition = subject.condition();
          List<Callable<?>> calls = new ArrayList<>(interruptible(condition).keySet());
          calls.add(() -> condition.await(0, TimeUnit.SECONDS));
          calls.add(() -> condition.awaitNanos(-1));
          calls.add(() -> condition.awaitUntil(new Date(0)));
          for (Callable<?> call : calls) {
            Actor<End> waiting =
                subject.holder(
                    () -> {
                      Thread.currentThread().interrupt();
                      return call.call();
                    });
            assertEquals(INTERRUPTED, waiting.result());
          }
          signal(subject); // nobody is left in the condition
          assertFalse(subject.isLocked());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void anInterruptEndsTheWaitOnceTheLockIsHeld(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (Callable<?> call : interruptible(subject.condition()).keySet()) {
            Actor<End> waiting = subject.waitsForCondition(subject.holder(call));
            subject.lock().lock();
            waiting.thread().interrupt();
            subject.waitsForLock(waiting);
            subject.lock().unlock();
            assertEquals(INTERRUPTED, waiting.result());
          }
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void awaitUninterruptiblyKeepsTheStatus(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Callable<Void> await = awaitUninterruptibly(subject.condition());
          Actor<End> before =
              subject.waitsForCondition(
                  subject.holder(
                      () -> {
                        Thread.currentThread().interrupt();
                        return await.call();
                      }));
          Actor<End> during = subject.waitsForCondition(subject.holder(await));
          Actor<End> never = subject.waitsForCondition(subject.holder(await));
          during.thread().interrupt();
          signal(subject);
          assertEquals(new End("returned null", true, 1), before.result());
          subject.waitsForCondition(during);
          signalAll(subject);
          assertEquals(new End("returned null", true, 1), during.result());
          assertEquals(new End("returned null", false, 1), never.result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void signalledThenInterruptedReturnsAndKeepsTheStatus(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (Map.Entry<Callable<?>, String> each :
              interruptible(subject.condition()).entrySet()) {
            Actor<End> waiting = subject.waitsForCondition(subject.holder(each.getKey()));
            subject.lock().lock();
            subject.condition().signal();
            waiting.thread().interrupt();
            subject.lock().unlock();
            assertEquals(new End(each.getValue(), true, 1), waiting.result());
          }
        });
  }

  /** One that was seen to wait before its time was over. */
  private static Actor<End> waitsFor(long nanos, LockSubject subject) {
    long start = System.nanoTime();
    Actor<End> waiting =
        subject.holder(() -> subject.condition().await(nanos, TimeUnit.NANOSECONDS));
    try {
      return subject.waitsForCondition(waiting);
    } catch (AssertionError e) {
      if (System.nanoTime() - start >= nanos) {
        throw new LockSubject.TooSlow();
      }
      throw e;
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void signalledInTimeIsNoTimeoutHoweverLateTheLockComes(Kind kind) throws Exception {
    kind.play(
        subject -> {
          long timeout = TimeUnit.MILLISECONDS.toNanos(60);
          long start = System.nanoTime();
          Actor<End> waiting = waitsFor(timeout, subject);
          long began = System.nanoTime();
          subject.lock().lock();
          subject.condition().signal();
          if (System.nanoTime() - start >= timeout) {
            subject.lock().unlock();
            throw new LockSubject.TooSlow();
          }
          Eventually.until("its deadline passed", () -> System.nanoTime() - began > 2 * timeout);
          subject.lock().unlock();
          assertEquals(new End("returned true", false, 1), waiting.result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void timedOutBeforeItReturnsOnlyWithTheLock(Kind kind) throws Exception {
    kind.play(
        subject -> {
          long timeout = TimeUnit.MILLISECONDS.toNanos(30);
          long start = System.nanoTime();
          Actor<End> waiting = waitsFor(timeout, subject);
          subject.lock().lock();
          if (System.nanoTime() - start >= timeout) {
            subject.lock().unlock();
            throw new LockSubject.TooSlow();
          }
          subject.waitsForLock(waiting);
          subject.lock().unlock();
          assertEquals(new End("returned false", false, 1), waiting.result());
        });
  }

  /**
   * The oracle throws, and the next waiter gets the signal. An interface that lets an implementation "favor responding
   * to an interrupt over normal method return" or the other way round asks for one thing: that the signal is not lost.
   */
  @ParameterizedTest
  @MethodSource(KINDS)
  void interruptedThenSignalledLosesNoSignal(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (int round = 0; round < 10; round++) {
            List<Actor<End>> waiters = waiters(subject, 2);
            subject.lock().lock();
            waiters.get(0).thread().interrupt();
            if (round % 2 == 0) {
              subject.waitsForLock(waiters.get(0));
            }
            subject.condition().signal();
            subject.lock().unlock();
            End first = waiters.get(0).result();
            boolean threw = first.equals(INTERRUPTED);
            assertTrue(threw || first.equals(new End("returned null", true, 1)), first.toString());
            if (kind.isOracle() && round % 2 == 0) {
              assertTrue(threw);
            }
            if (!threw) {
              // It may have had the signal, or not, and then the other one has it.
              waiters.get(1).thread().interrupt();
            }
            End second = waiters.get(1).result();
            assertTrue(
                !threw || second.equals(new End("returned null", false, 1)), second.toString());
          }
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void afterTheSignalledOneReturnedTheOthersWereNot(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Condition condition = subject.condition();
          Actor<End> signalled = waiters(subject, 1).get(0);
          Actor<End> interrupted = waiters(subject, 1).get(0);
          signal(subject);
          assertEquals(new End("returned null", false, 1), signalled.result());
          interrupted.thread().interrupt();
          assertEquals(INTERRUPTED, interrupted.result());
          // One that came before the signal could run out of time while the signalled one is on its
          // way.
          Actor<End> timed = subject.holder(() -> condition.await(5, TimeUnit.MILLISECONDS));
          assertEquals(new End("returned false", false, 1), timed.result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aSignalForNobodyIsForgotten(Kind kind) throws Exception {
    kind.play(
        subject -> {
          signal(subject);
          signalAll(subject);
          Actor<End> waiting =
              subject.holder(() -> subject.condition().await(5, TimeUnit.MILLISECONDS));
          assertEquals(new End("returned false", false, 1), waiting.result());
          Actor<End> next = waiters(subject, 1).get(0);
          next.thread().interrupt();
          assertEquals(INTERRUPTED, next.result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void signalsOneEachInTheOrderInWhichTheyCame(Kind kind) throws Exception {
    kind.play(
        subject -> {
          List<Actor<End>> waiters = waiters(subject, 5);
          for (int i = 0; i < 3; i++) {
            signal(subject);
            assertEquals(new End("returned null", false, 1), waiters.get(i).result());
            for (Actor<End> other : waiters.subList(i + 1, waiters.size())) {
              subject.waitsForCondition(other);
            }
          }
          subject.lock().lock();
          subject.condition().signal();
          subject.condition().signal();
          subject.condition().signal(); // for nobody
          subject.lock().unlock();
          for (Actor<End> waiter : waiters.subList(3, 5)) {
            assertEquals(new End("returned null", false, 1), waiter.result());
          }
        });
  }

  /** Who was not signalled says so when it is interrupted. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void whoIsNotSignalledSleepsOn(Kind kind) throws Exception {
    kind.play(
        subject -> {
          List<Actor<End>> waiters = waiters(subject, 5);
          Actor<End> elsewhere =
              subject.waitsForCondition(subject.holder(await(subject.condition(1))));
          signal(subject);
          signal(subject);
          assertEquals(new End("returned null", false, 1), waiters.get(0).result());
          assertEquals(new End("returned null", false, 1), waiters.get(1).result());
          for (Actor<End> other : waiters.subList(2, 5)) {
            subject.waitsForCondition(other).thread().interrupt();
            assertEquals(INTERRUPTED, other.result());
          }
          signalAll(subject); // nobody is left there
          subject.waitsForCondition(elsewhere).thread().interrupt();
          assertEquals(INTERRUPTED, elsewhere.result(), "of another condition");
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void signalAllWakesAllAndOneAtATimeHasTheLock(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Queue<Integer> inside = new ConcurrentLinkedQueue<>();
          int[] counter = new int[1];
          List<Actor<End>> waiters = new ArrayList<>();
          for (int i = 0; i < 6; i++) {
            int number = i;
            waiters.add(
                subject.waitsForCondition(
                    subject.holder(
                        () -> {
                          subject.condition().await();
                          inside.add(number);
                          counter[0]++;
                          return null;
                        })));
          }
          subject.lock().lock();
          subject.condition().signalAll();
          counter[0]++;
          assertTrue(inside.isEmpty(), "the signaller keeps the lock");
          if (kind.isRecursive()) {
            subject.lock().lock();
            subject.lock().unlock();
            assertTrue(inside.isEmpty(), "until the last unlock");
          }
          subject.lock().unlock();
          waiters.forEach(w -> assertEquals(new End("returned null", false, 1), w.result()));
          assertEquals(7, counter[0]);
          assertEquals(Set.of(0, 1, 2, 3, 4, 5), Set.copyOf(inside));
        });
  }
}
