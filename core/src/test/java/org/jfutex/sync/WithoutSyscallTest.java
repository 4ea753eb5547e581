// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.KeyKind;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.Test;

/** A JVM that has no futex system call shares words by polling: slow, correct, and it says what it cannot. */
class WithoutSyscallTest {

  @Test
  void sharedWordsArePolled() throws InterruptedException {
    try (TestMemory test = new TestMemory()) {
      SharedMutex mutex = SharedMutex.at(test.memory(), 0, MutexKind.NORMAL);
      FutexWord turn = test.memory().word(64);
      mutex.lock();
      Actor<ChildJvm.Ended> child =
          Actor.start(
              () ->
                  ChildJvm.run(
                      List.of("-Djfutex.syscalls=none"),
                      WithoutSyscallTest.class,
                      test.path().toString()));
      // This JVM does have the system call; the child says by CAS that it is about to wait.
      while (turn.getVolatile() == 0 && !child.isDone()) {
        FutexManager.system().wait(turn, 0, -1, Deadline.after(1, TimeUnit.MILLISECONDS));
      }
      mutex.unlock();
      ChildJvm.Ended ended = child.result();
      assertEquals(0, ended.status(), ended.output());
      assertTrue(ended.output().contains("locked"), ended.output());
    }
  }

  public static void main(String[] arguments) throws Exception {
    FutexManager futexes = FutexManager.system();
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    SharedMutex mutex = SharedMutex.at(memory, 0, MutexKind.NORMAL);
    assertThrows(UnsupportedOperationException.class, () -> SharedMutex.at(memory, 256));
    FutexWord turn = memory.word(64);
    assertEquals(KeyKind.SHARED_MAPPABLE, turn.key().kind());
    assertEquals(0, futexes.waits().size());
    assertFalse(mutex.tryLock());
    turn.setVolatile(1);
    mutex.lock(); // held by the other process, which cannot wake this one
    mutex.unlock();

    Actor<WaitResult> waiting = Actor.start(() -> futexes.waitInterruptibly(turn, 1));
    while (futexes.waits().isEmpty() && !waiting.isDone()) {
      Thread.onSpinWait();
    }
    assertEquals(1, futexes.wake(turn, 1), "within the JVM a wake is a wake");
    assertEquals(WaitResult.WOKEN, waiting.result());
    assertThrows(UnsupportedOperationException.class, () -> futexes.lockPi(turn, Deadline.NONE));
    FutexWord own = memory.privateWord(128);
    assertTrue(futexes.lockPi(own, Deadline.NONE));
    futexes.unlockPi(own);
    memory.close();
    System.out.println("locked");
  }
}
