// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;

/**
 * What the parent of several processes sleeps on: a word that changes with everything it may be waiting for. It looks
 * at the state between {@link #seen()} and {@link #await}, so no news are missed.
 */
final class News {
  private final FutexManager futexes = FutexManager.system();
  private final FutexWord word;

  News(FutexWord word) {
    this.word = word;
  }

  /** Changes the word, then wakes the parent: whether it sleeps already or is about to, it looks again. */
  void tell() {
    word.getAndAdd(1);
    futexes.wake(word, 1);
  }

  /** To be read before the state is looked at. */
  int seen() {
    return word.getVolatile();
  }

  /** Sleeps until there is other news than {@code seen}, or the deadline passed. */
  void await(int seen, long deadline) {
    futexes.wait(word, seen, FutexManager.ANY_BIT, deadline);
  }
}
