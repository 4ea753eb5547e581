// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.ReadOnlyMemoryException;
import org.jfutex.support.Actor;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SharedMutexTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final String KINDS = "org.jfutex.support.Kinds#all";

  private final TestMemory test = new TestMemory();
  private int counter; // not atomic on purpose

  @AfterEach
  void close() {
    test.close();
  }

  private SharedMutex mutex(MutexKind kind) {
    return SharedMutex.at(test.memory(), 0, kind, Kinds.NO_REPAIR);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void excludes(MutexKind kind) {
    int threads = 4;
    int increments = 10_000;
    List<Actor<Void>> actors = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      SharedMutex mutex = mutex(kind);
      actors.add(
          Actor.start(
              () -> {
                for (int j = 0; j < increments; j++) {
                  if (number == 0) {
                    mutex.lockInterruptibly();
                  } else if (number == 1) {
                    while (!mutex.tryLock(1, TimeUnit.MILLISECONDS)) {
                      Thread.onSpinWait();
                    }
                  } else {
                    mutex.lock();
                  }
                  counter++;
                  mutex.unlock();
                }
                return null;
              }));
    }
    actors.forEach(Actor::result);
    assertEquals(threads * increments, counter);
    assertFalse(mutex(kind).isLocked());
    assertBookkeepingOfAFreeOne(kind, 0);
  }

  private void assertBookkeepingOfAFreeOne(MutexKind kind, int offset) {
    ByteBuffer bytes = test.memory().buffer();
    boolean keepsCount = kind.counts() && kind.again() != MutexKind.Again.RECURSIVE;
    assertEquals(0, bytes.getInt(offset + MutexLayout.LOCK));
    assertEquals(keepsCount ? 1 : 0, bytes.getInt(offset + MutexLayout.COUNT));
    assertEquals(0, bytes.getInt(offset + MutexLayout.OWNER));
    assertEquals(0, bytes.getInt(offset + MutexLayout.NUSERS));
    assertEquals(kind.toField(), bytes.getInt(offset + MutexLayout.KIND));
    assertEquals(0, bytes.getLong(offset + MutexLayout.PREV));
    assertEquals(0, bytes.getLong(offset + MutexLayout.NEXT));
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void sleepsUntilUnlocked(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    mutex.lock();
    assertTrue(mutex.isLocked());
    assertTrue(mutex.isHeldByCurrentThread());
    Actor<Boolean> other = Actor.start(mutex::tryLock);
    assertFalse(other.result());
    Actor<Boolean> next =
        Actor.start(
                () -> {
                  mutex.lock();
                  boolean interrupted = Thread.currentThread().isInterrupted();
                  mutex.unlock();
                  return interrupted;
                })
            .awaitBlocked(FUTEXES);
    next.thread().interrupt();
    assertFalse(next.isDone(), "lock() does not end by an interrupt");
    mutex.unlock();
    assertTrue(next.result(), "and keeps it");
    assertBookkeepingOfAFreeOne(kind, 0);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void timesOutAndIsInterrupted(MutexKind kind) throws InterruptedException {
    SharedMutex mutex = mutex(kind);
    assertTrue(mutex.tryLock(0, TimeUnit.SECONDS));
    assertFalse(Actor.start(() -> mutex.tryLock(0, TimeUnit.SECONDS)).result());
    assertFalse(Actor.start(() -> mutex.tryLock(-1, TimeUnit.SECONDS)).result());
    assertFalse(Actor.start(() -> mutex.tryLock(2, TimeUnit.MILLISECONDS)).result());
    for (Actor<?> waiting :
        List.of(
            Actor.start(() -> interruptibly(mutex)),
            Actor.start(() -> mutex.tryLock(1, TimeUnit.HOURS)))) {
      waiting.awaitBlocked(FUTEXES);
      waiting.thread().interrupt();
      assertInstanceOf(InterruptedException.class, waiting.failure());
      assertFalse(waiting.thread().isInterrupted());
    }
    mutex.unlock();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, mutex::lockInterruptibly);
    assertFalse(Thread.currentThread().isInterrupted());
    assertFalse(mutex.isLocked(), "an interrupted thread takes no lock");
  }

  private static Void interruptibly(SharedMutex mutex) throws InterruptedException {
    mutex.lockInterruptibly();
    return null;
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void takenAgainByItsOwner(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    mutex.lock();
    switch (kind.again()) {
      case RECURSIVE -> {
        mutex.lock();
        assertTrue(mutex.tryLock());
        assertEquals(3, mutex.getHoldCount());
        mutex.unlock();
        mutex.unlock();
      }
      case ERROR_CHECK -> {
        assertThrows(DeadlockException.class, mutex::lock);
        assertFalse(mutex.tryLock());
      }
      default -> assertFalse(mutex.tryLock());
    }
    assertEquals(1, mutex.getHoldCount());
    mutex.unlock();
    assertEquals(0, mutex.getHoldCount());
    assertBookkeepingOfAFreeOne(kind, 0);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void unlockByAnotherIsRefusedAndChangesNothing(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    String message = assertThrows(IllegalMonitorStateException.class, mutex::unlock).getMessage();
    assertTrue(message.contains("expected a mutex that this thread holds"), message);
    mutex.lock();
    Actor<Void> other =
        Actor.start(
            () -> {
              mutex.unlock();
              return null;
            });
    assertInstanceOf(IllegalMonitorStateException.class, other.failure());
    assertTrue(mutex.isHeldByCurrentThread());
    mutex.unlock();
    assertBookkeepingOfAFreeOne(kind, 0);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void saysWhoHoldsIt(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    assertTrue(mutex.owner().isEmpty());
    assertEquals(kind + " mutex at offset 0 of " + test.memory() + ": free", mutex.toString());
    mutex.lock();
    MutexOwner owner = mutex.owner().orElseThrow();
    assertEquals(FUTEXES.currentTid(), owner.tid());
    assertEquals(ProcessHandle.current().pid(), owner.pid());
    assertFalse(owner.name().isEmpty());
    assertTrue(mutex.toString().contains("held by thread " + owner.tid()), mutex.toString());
    mutex.unlock();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void twoMappingsAreOneMutex(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    try (MappedMemory again = test.mapAgain()) {
      SharedMutex same = SharedMutex.at(again, 0, kind, Kinds.NO_REPAIR);
      mutex.lock();
      Actor<Void> next =
          Actor.<Void>start(
                  () -> {
                    same.lock();
                    same.unlock();
                    return null;
                  })
              .awaitBlocked(FUTEXES);
      same.unlock();
      next.result();
      assertBookkeepingOfAFreeOne(kind, 0);
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void closedMemoryEndsTheWait(MutexKind kind) {
    SharedMutex mutex = mutex(kind);
    mutex.lock();
    Actor<Void> waiting = Actor.start(() -> interruptibly(mutex)).awaitBlocked(FUTEXES);
    test.memory().close();
    assertInstanceOf(ClosedMemoryException.class, waiting.failure());
    assertThrows(ClosedMemoryException.class, mutex::unlock);
    assertTrue(mutex.toString().endsWith(": closed"));
  }

  @Test
  void noWakeWithoutASleeper() {
    SharedMutex mutex = mutex(MutexKind.NORMAL);
    mutex.lock();
    assertEquals(1, test.shared(0).getVolatile());
    Actor<Void> next = Actor.start(() -> interruptibly(mutex)).awaitBlocked(FUTEXES);
    assertEquals(2, test.shared(0).getVolatile());
    mutex.unlock();
    next.result();
    assertEquals(
        2, test.shared(0).getVolatile(), "who slept cannot know whether it was the only one");
  }

  @Test
  void zerosBecomeOneOfTheDefaultKind() {
    SharedMutex mutex = SharedMutex.at(test.memory(), 64);
    assertEquals(MutexKind.ERROR_CHECK.robust(true), mutex.kind());
    assertEquals(mutex.kind(), SharedMutex.adopt(test.memory(), 64).kind());
    assertEquals(
        MutexKind.NORMAL,
        SharedMutex.at(ByteBuffer.allocateDirect(64), 8, MutexKind.NORMAL).kind());
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void isOfOneKind(MutexKind kind) {
    mutex(kind);
    assertEquals(kind, SharedMutex.adopt(test.memory(), 0).kind());
    for (MutexKind other : Kinds.all().toList()) {
      if (!other.equals(kind)) {
        String message =
            assertThrows(IllegalArgumentException.class, () -> mutex(other)).getMessage();
        assertTrue(message.contains("found a mutex of kind " + kind + " at"), message);
        assertTrue(message.contains("expected kind " + other), message);
      }
    }
  }

  @Test
  void refusesWhatIsNoSharedMutex() {
    assertRefused(0, "process-private");
    assertRefused(2, "process-private");
    assertRefused(128 | 64, "priority protection");
    assertRefused(128 | 1024, "unknown bits");
    test.memory().word(0).setVolatile(77);
    test.memory().word(MutexLayout.KIND).setVolatile(0);
    assertThrows(IllegalArgumentException.class, () -> mutex(MutexKind.NORMAL));
    assertThrows(IllegalArgumentException.class, () -> SharedMutex.at(test.memory(), 4));
    assertThrows(
        IllegalArgumentException.class, () -> SharedMutex.at(test.memory(), TestMemory.BYTES - 32));
    test.memory().word(MutexLayout.KIND).setVolatile(128 | 3 | 256);
    assertEquals(MutexKind.NORMAL, SharedMutex.adopt(test.memory(), 0).kind(), "adaptive");
  }

  @Test
  void readOnlyMemoryIsRefused() throws IOException {
    SharedMutex mutex = mutex(MutexKind.DEFAULT);
    try (MappedMemory readOnly = MappedMemory.openReadOnly(test.path())) {
      assertReadOnly(() -> SharedMutex.at(readOnly, 0));
      assertReadOnly(() -> SharedMutex.at(readOnly, 64));
      assertReadOnly(() -> SharedMutex.adopt(readOnly, 0));
      assertReadOnly(() -> SharedCondition.at(readOnly, 64, mutex));
    }
    mutex.lock();
    mutex.unlock();
  }

  private static void assertReadOnly(Executable use) {
    String message = assertThrows(ReadOnlyMemoryException.class, use).getMessage();
    assertTrue(message.contains("is mapped read-only and cannot be changed"), message);
  }

  @Test
  void nullsAreNamed() {
    assertNamed("kind", () -> SharedMutex.at(test.memory(), 0, null));
    assertNamed("mutex", () -> SharedCondition.at(test.memory(), 64, null));
  }

  private static void assertNamed(String argument, Executable use) {
    assertEquals(argument, assertThrows(NullPointerException.class, use).getMessage());
  }

  private void assertRefused(int field, String why) {
    test.memory().word(MutexLayout.KIND).setVolatile(field);
    String message =
        assertThrows(IllegalArgumentException.class, () -> SharedMutex.adopt(test.memory(), 0))
            .getMessage();
    assertTrue(message.contains(why), message);
    assertTrue(message.contains("0x" + Integer.toHexString(field)), message);
  }
}
