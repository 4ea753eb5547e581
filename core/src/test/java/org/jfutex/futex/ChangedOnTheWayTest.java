// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jfutex.linux.Errno;
import org.jfutex.linux.ObservedSyscalls;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Polled;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A word that changes between the look at it and the system call: the kernel is asked once. */
@Tag(Polled.NOT)
class ChangedOnTheWayTest {
  private enum Wait {
    PLAIN {
      @Override
      int begin(KernelEngine engine, FutexWord word) {
        return engine.wait(word, 0, FutexManager.ANY_BIT, Deadline.NONE, false);
      }
    },
    INTERRUPTIBLE {
      @Override
      int begin(KernelEngine engine, FutexWord word) {
        return engine.wait(word, 0, FutexManager.ANY_BIT, Deadline.NONE, true);
      }
    },
    ANY {
      @Override
      int begin(KernelEngine engine, FutexWord word) {
        return engine.waitAny(new FutexWord[] {word}, new int[1], Deadline.NONE, false);
      }
    },
    ANY_INTERRUPTIBLE {
      @Override
      int begin(KernelEngine engine, FutexWord word) {
        return engine.waitAny(new FutexWord[] {word}, new int[1], Deadline.NONE, true);
      }
    },
    ANY_WITHOUT_A_LOOK {
      @Override
      int begin(KernelEngine engine, FutexWord word) {
        return engine.sleepForAny(new FutexWord[] {word}, new int[1], Deadline.NONE, true);
      }
    };

    abstract int begin(KernelEngine engine, FutexWord word);
  }

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  @ParameterizedTest
  @EnumSource
  void isAskedForOnce(Wait wait) {
    ObservedSyscalls syscalls = new ObservedSyscalls();
    KernelEngine engine = new KernelEngine(syscalls);
    FutexWord word = test.shared(0);
    for (int round = 0; round < 2; round++) { // the first sets up what a thread needs
      word.setVolatile(0);
      syscalls.observe(() -> word.setVolatile(1));
      assertEquals(-Errno.EAGAIN, wait.begin(engine, word));
    }
    assertEquals(1, syscalls.count());
  }
}
