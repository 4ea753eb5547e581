// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import org.jfutex.memory.MappedMemory;

/**
 * A robust mutex without its books: the word and the entry in the robust list alone. It guards no data, so who dies
 * holding it leaves nothing to repair, and the next one takes it as if it were free. The other fields stay zeros.
 */
sealed class RobustSlot extends RobustMutex permits ReaderSlot {
  /** A power of two. */
  private static final int TURNS = 256;

  private int lookUps; // a race only blurs it

  RobustSlot(MappedMemory memory, long offset, MutexKind kind) {
    super(memory, offset, kind, null);
  }

  @Override
  boolean enter(CurrentThread self) {
    return true;
  }

  @Override
  Acquisition inherited() {
    return Acquisition.ACQUIRED;
  }

  @Override
  void leave() {
    // There are no books to close.
  }

  @Override
  void clearLinks() {
    // Who links it next writes them, and nobody reads them before.
  }

  @Override
  boolean isRecoverable() {
    return true;
  }

  /** Counts that a thread had to look up that it looks here first; true once in {@link #TURNS}. */
  final boolean isLookedUpOften() {
    return (++lookUps & TURNS - 1) == 0;
  }

  /** Takes it if it is free, and looks before it touches it. */
  final boolean tryTakeFree(CurrentThread self) {
    return !isHeld(getOpaque(MutexLayout.LOCK)) && tryTake(self) == Acquisition.ACQUIRED;
  }

  /**
   * Notes that somebody is about to sleep until the slot is given back.
   *
   * @return the word to sleep on; {@link #FREE} if it is not held
   */
  final int markForSleep() {
    while (true) {
      int word = state.getVolatile();
      if (!isHeld(word)) {
        return FREE;
      }
      if (hasSleepers(word) || state.compareAndSet(word, word | FUTEX_WAITERS)) {
        return word | FUTEX_WAITERS;
      }
    }
  }
}
