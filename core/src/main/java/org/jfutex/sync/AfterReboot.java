// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;
import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import java.util.Objects;
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
    Objects.requireNonNull(memory, "memory");
    if (robust) {
      FutexWord lock = memory.word(offset + MutexLayout.LOCK);
      boolean free = (lock.getVolatile() & ~FUTEX_WAITERS) == 0;
      lock.setVolatile(free ? OwnedMutex.FREE : FUTEX_OWNER_DIED);
    } else {
      anew(memory, offset, MutexLayout.KIND); // all that is before it
    }
  }

  /** What all-zero bytes are the beginning of. */
  public static void anew(MappedMemory memory, long offset, long bytes) {
    Objects.requireNonNull(memory, "memory");
    for (long at = offset; at < offset + bytes; at += FutexWord.BYTES) {
      memory.word(at).setVolatile(0);
    }
  }
}
