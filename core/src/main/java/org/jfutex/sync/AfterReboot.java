// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;
import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Does for primitives in a file what the kernel could not: all who used them are gone, and nobody uses them yet. What
 * can tell that its owner died does; what cannot is free. Doing it again changes nothing.
 */
public final class AfterReboot {
  private AfterReboot() {}

  /** The mutex at an offset: if it was held, the next owner of a robust one is told, any other is free. */
  public static void mutex(MappedMemory memory, long offset, boolean robust) {
    FutexWord lock = memory.word(offset + MutexLayout.LOCK);
    if (robust) {
      boolean free = (lock.getVolatile() & ~FUTEX_WAITERS) == 0;
      lock.setVolatile(free ? OwnedMutex.FREE : FUTEX_OWNER_DIED);
    } else {
      clear(memory, offset, MutexLayout.COUNT, MutexLayout.OWNER, MutexLayout.NUSERS);
      lock.setVolatile(OwnedMutex.FREE);
    }
  }

  /** The condition at an offset: nobody waits, nobody was signalled. */
  public static void condition(MappedMemory memory, long offset) {
    clear(memory, offset, SharedCondition.WAITERS, SharedCondition.SIGNALLED);
  }

  private static void clear(MappedMemory memory, long offset, int... fields) {
    for (int field : fields) {
      memory.word(offset + field).setVolatile(0);
    }
  }
}
