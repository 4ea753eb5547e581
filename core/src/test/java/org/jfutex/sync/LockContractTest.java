// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jfutex.support.Actor;
import org.jfutex.support.LockSubject;
import org.jfutex.support.LockSubject.End;
import org.jfutex.support.LockSubject.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Lock} promises, as {@code ReentrantLock} keeps it; that the kinds differ in one point is said there. */
class LockContractTest {
  private static final String KINDS = "org.jfutex.support.LockSubject#kinds";

  private static Callable<Void> interruptibly(LockSubject subject) {
    return () -> {
      subject.lock().lockInterruptibly();
      return null;
    };
  }

  private static Callable<Void> lock(LockSubject subject) {
    return () -> {
      subject.lock().lock();
      return null;
    };
  }

  private static Callable<Boolean> tryLock(LockSubject subject, long time, TimeUnit unit) {
    return () -> subject.lock().tryLock(time, unit);
  }

  private static List<Callable<?>> interruptible(LockSubject subject) {
    return List.of(
        interruptibly(subject),
        tryLock(subject, 1, TimeUnit.HOURS),
        tryLock(subject, Long.MAX_VALUE, TimeUnit.DAYS));
  }

  private static List<Callable<?>> interruptibleOrAtOnce(LockSubject subject) {
    List<Callable<?>> calls = new ArrayList<>(interruptible(subject));
    calls.add(tryLock(subject, 0, TimeUnit.SECONDS));
    calls.add(tryLock(subject, -1, TimeUnit.SECONDS));
    calls.add(tryLock(subject, Long.MIN_VALUE, TimeUnit.DAYS));
    return calls;
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void countsHolds(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Lock lock = subject.lock();
          assertEquals(0, subject.holds());
          lock.lock();
          assertEquals(1, subject.holds());
          assertEquals(0, Actor.start(subject::holds).result(), "those of the calling thread");
          int most = 1;
          if (kind.isRecursive()) {
            lock.lock();
            lock.lockInterruptibly();
            assertTrue(lock.tryLock());
            assertTrue(lock.tryLock(1, TimeUnit.HOURS));
            assertTrue(lock.tryLock(0, TimeUnit.SECONDS));
            assertTrue(lock.tryLock(Long.MIN_VALUE, TimeUnit.SECONDS));
            most = 7;
          }
          for (int holds = most; holds > 0; holds--) {
            assertEquals(holds, subject.holds());
            assertFalse(Actor.start(() -> lock.tryLock()).result());
            lock.unlock();
          }
          assertEquals(0, subject.holds());
          assertFalse(subject.isLocked());
          assertEquals(new End("returned true", false, 1), subject.actor(lock::tryLock).result());
        });
  }

  /** Where the kinds differ: the normal one waits for itself, unless the kernel knows who owns it. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void takenAgainByTheOwner(Kind kind) throws Exception {
    kind.play(
        subject -> {
          boolean refuses =
              !kind.isRecursive()
                  && (kind.isPi() || kind.mutex().again() == MutexKind.Again.ERROR_CHECK);
          for (Callable<?> call :
              List.of(interruptibly(subject), tryLock(subject, 1, TimeUnit.HOURS))) {
            Actor<End> owner = subject.holder(call);
            if (kind.isRecursive()) {
              assertEquals(2, owner.result().holds());
            } else if (refuses) {
              assertEquals(new End("threw DeadlockException", false, 1), owner.result());
            } else {
              subject.waitsForLock(owner).thread().interrupt();
              assertEquals(new End("threw InterruptedException", false, 1), owner.result());
            }
          }
          if (kind.isRecursive()) {
            return;
          }
          if (refuses) {
            assertEquals(
                new End("threw DeadlockException", false, 1),
                subject.holder(lock(subject)).result());
          } else {
            assertEquals(
                new End("returned false", false, 1),
                subject.holder(tryLock(subject, 1, TimeUnit.MILLISECONDS)).result());
          }
          for (Callable<?> call :
              List.<Callable<?>>of(
                  subject.lock()::tryLock,
                  tryLock(subject, 0, TimeUnit.SECONDS),
                  tryLock(subject, Long.MIN_VALUE, TimeUnit.SECONDS))) {
            assertEquals(new End("returned false", false, 1), subject.holder(call).result());
          }
          assertFalse(subject.isLocked());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void anInterruptBeforeIsThrownAtOnce(Kind kind) throws Exception {
    kind.play(
        subject -> {
          List<Callable<?>> calls = interruptibleOrAtOnce(subject);
          for (Callable<?> call : calls) {
            Callable<?> interrupted = interruptedBefore(call);
            End refused = new End("threw InterruptedException", false, 0);
            assertEquals(refused, subject.end(interrupted), "free");
            assertFalse(subject.isLocked());
            subject.lock().lock();
            assertEquals(refused, subject.actor(interrupted).result(), "held by another");
            subject.lock().unlock();
            assertEquals(
                new End("threw InterruptedException", false, 1),
                subject.holder(interrupted).result(),
                "held by itself, whatever it does then");
          }
        });
  }

  private static Callable<?> interruptedBefore(Callable<?> call) {
    return () -> {
      Thread.currentThread().interrupt();
      return call.call();
    };
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatIsNotInterruptibleKeepsTheStatus(Kind kind) throws Exception {
    kind.play(
        subject -> {
          assertEquals(
              new End("returned null", true, 1), subject.end(interruptedBefore(lock(subject))));
          Callable<?> tryLock = interruptedBefore(subject.lock()::tryLock);
          assertEquals(new End("returned true", true, 1), subject.end(tryLock));
          subject.lock().lock();
          assertEquals(new End("returned false", true, 0), subject.actor(tryLock).result());
          Actor<End> before = subject.waitsForLock(subject.actor(interruptedBefore(lock(subject))));
          Actor<End> during = subject.waitsForLock(subject.actor(lock(subject)));
          during.thread().interrupt();
          during.thread().interrupt();
          subject.waitsForLock(before);
          subject.waitsForLock(during);
          subject.lock().unlock();
          assertEquals(new End("returned null", true, 1), before.result());
          assertEquals(new End("returned null", true, 1), during.result());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void anInterruptEndsTheWait(Kind kind) throws Exception {
    kind.play(
        subject -> {
          subject.lock().lock();
          for (Callable<?> call : interruptible(subject)) {
            Actor<End> waiting = subject.waitsForLock(subject.actor(call));
            Actor<End> other = subject.waitsForLock(subject.actor(call));
            waiting.thread().interrupt();
            assertEquals(new End("threw InterruptedException", false, 0), waiting.result());
            subject.waitsForLock(other).thread().interrupt();
            assertEquals(new End("threw InterruptedException", false, 0), other.result());
          }
          subject.lock().unlock();
          assertFalse(subject.isLocked());
          assertEquals(
              new End("returned true", false, 1), subject.actor(subject.lock()::tryLock).result());
        });
  }

  /** Who was interrupted took no wake-up along. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void whoWaitsBehindAnInterruptedOneIsWoken(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (int round = 0; round < 20; round++) {
            subject.lock().lock();
            Actor<End> first = subject.waitsForLock(subject.actor(interruptibly(subject)));
            Actor<End> second = subject.waitsForLock(subject.actor(interruptibly(subject)));
            first.thread().interrupt();
            subject.lock().unlock();
            assertEquals(new End("returned null", false, 1), second.result());
            End end = first.result(); // the interrupt and the lock came at once
            boolean interrupted = end.equals(new End("threw InterruptedException", false, 0));
            assertTrue(
                interrupted || end.equals(new End("returned null", true, 1)), end.toString());
          }
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void timesOut(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (Callable<?> call :
              List.of(
                  tryLock(subject, 0, TimeUnit.SECONDS),
                  tryLock(subject, -1, TimeUnit.SECONDS),
                  tryLock(subject, Long.MIN_VALUE, TimeUnit.DAYS),
                  tryLock(subject, 1, TimeUnit.NANOSECONDS),
                  tryLock(subject, 3, TimeUnit.MILLISECONDS))) {
            assertEquals(new End("returned true", false, 1), subject.end(call), "free");
            subject.lock().lock();
            assertEquals(new End("returned false", false, 0), subject.actor(call).result());
            subject.lock().unlock();
          }
          subject.lock().lock();
          long nanos =
              Actor.start(
                      () -> {
                        long start = System.nanoTime();
                        subject.lock().tryLock(5, TimeUnit.MILLISECONDS);
                        return System.nanoTime() - start;
                      })
                  .result();
          assertTrue(nanos >= TimeUnit.MILLISECONDS.toNanos(5), nanos + " ns: not too early");
          subject.lock().unlock();
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theLongestTimeoutsWait(Kind kind) throws Exception {
    kind.play(
        subject -> {
          for (TimeUnit unit : List.of(TimeUnit.NANOSECONDS, TimeUnit.DAYS)) {
            subject.lock().lock();
            Actor<End> waiting =
                subject.waitsForLock(subject.actor(tryLock(subject, Long.MAX_VALUE, unit)));
            subject.lock().unlock();
            assertEquals(new End("returned true", false, 1), waiting.result());
          }
          assertThrows(NullPointerException.class, () -> subject.lock().tryLock(1, null));
          assertFalse(subject.isLocked());
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whoDoesNotHoldItCannotUnlock(Kind kind) throws Exception {
    kind.play(
        subject -> {
          Lock lock = subject.lock();
          assertThrows(IllegalMonitorStateException.class, lock::unlock);
          lock.lock();
          Actor<End> other =
              subject.actor(
                  () -> {
                    lock.unlock();
                    return null;
                  });
          assertEquals(new End("threw IllegalMonitorStateException", false, 0), other.result());
          assertEquals(1, subject.holds());
          Actor<End> waiting = subject.waitsForLock(subject.actor(lock(subject)));
          lock.unlock();
          assertEquals(new End("returned null", false, 1), waiting.result());
          assertThrows(IllegalMonitorStateException.class, lock::unlock, "once too often");
          assertFalse(subject.isLocked());
          assertTrue(lock.tryLock());
          lock.unlock();
        });
  }

  /** Every way to take it, in a crowd: a counter that is not atomic is exact, and everybody ends. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void excludesWhoTakesItInWhateverWay(Kind kind) throws Exception {
    kind.play(
        subject -> {
          int[] counter = new int[1];
          int turns = 400;
          List<Actor<End>> actors = new ArrayList<>();
          for (Callable<?> taking :
              List.of(
                  lock(subject),
                  interruptibly(subject),
                  tryLock(subject, 1, TimeUnit.HOURS),
                  tryLock(subject, 50, TimeUnit.MICROSECONDS),
                  (Callable<Boolean>) subject.lock()::tryLock)) {
            actors.add(
                subject.actor(
                    () -> {
                      for (int i = 0; i < turns; i++) {
                        while (Boolean.FALSE.equals(taking.call())) {
                          Thread.yield();
                        }
                        counter[0]++;
                        subject.lock().unlock();
                      }
                      return null;
                    }));
          }
          actors.forEach(a -> assertEquals(new End("returned null", false, 0), a.result()));
          assertEquals(turns * actors.size(), counter[0]);
          assertFalse(subject.isLocked());
        });
  }
}
