// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * A shared word and the futures that wait while it has one value: to the kernel they are one waiter. So who is woken
 * for all of them tells the first, and goes on as long as the word has another value than theirs: each may find that
 * the one before it left something, and the last is told when nobody changed the word back.
 */
final class WatchedWord {
  /** What names it. Mappings are told apart, even of one file: each is closed by itself. */
  record Key(MappedMemory memory, int offset, int expected) {
    Key(FutexWord word, int expected) {
      this(word.memory(), word.offset(), expected);
    }
  }

  final FutexWord word;
  final int expected;
  final WordWatcher watcher;

  /** In the order in which they came; guarded by the {@link WordWatchers}. */
  final Set<WordFuture> futures = new LinkedHashSet<>();

  /** Nobody slept for it yet, so it may have changed since it came: to look is cheaper than a sleep that is refused. */
  boolean isNew = true;

  WatchedWord(FutexWord word, int expected, WordWatcher watcher) {
    this.word = word;
    this.expected = expected;
    this.watcher = watcher;
  }

  /** No page is smaller than that. */
  boolean isOnThePageOf(WatchedWord other) {
    return word.address() >>> 12 == other.word.address() >>> 12;
  }

  Key key() {
    return new Key(word, expected);
  }
}
