// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The threads that wait for shared words on behalf of {@link WordFuture}s: one for each {@link WordWatcher#WORDS_MAX}
 * words, begun when there is something to wait for, ended when there was nothing for a while. This object is the lock
 * of who waits for what; it is held for a few steps, never while a thread sleeps or a future is told.
 *
 * <p>Why no change of a word is missed: a future is entered under the lock. If its word and value are watched already,
 * the thread is awake, or it sleeps in the kernel, which compared the word with that value when it queued the thread: a
 * wake for a later change ends the sleep, and the look that follows finds the future. Otherwise the thread is
 * interrupted, or awake, and enters the kernel anew, which compares.
 */
final class WordWatchers {
  final FutexManager futexes;
  private final Map<WatchedWord.Key, WatchedWord> words = new HashMap<>();
  private final List<WordWatcher> threads = new ArrayList<>();

  WordWatchers(FutexManager futexes) {
    this.futexes = futexes;
  }

  synchronized void add(WordFuture future) {
    WatchedWord.Key key = new WatchedWord.Key(future.word, future.expected);
    WatchedWord watched = words.get(key);
    if (watched == null) {
      watched = new WatchedWord(future.word, future.expected, withRoom());
      watched.watcher.add(watched);
      words.put(key, watched);
    }
    watched.futures.add(future);
    future.watched = watched;
  }

  private WordWatcher withRoom() {
    for (WordWatcher thread : threads) {
      if (thread.hasRoom()) {
        return thread;
      }
    }
    WordWatcher begun = new WordWatcher(this);
    begun.start();
    threads.add(begun);
    return begun;
  }

  /** A future was completed; nothing is to be done if it was told. */
  synchronized void remove(WordFuture future) {
    WatchedWord watched = future.watched;
    if (watched != null) {
      leave(watched, future);
      if (watched.futures.isEmpty()) {
        watched.watcher.interruptSleep();
      }
    }
  }

  /** Takes out the one who came first, to be told; null if there is none. */
  synchronized WordFuture takeFirst(WatchedWord watched) {
    while (!watched.futures.isEmpty()) {
      WordFuture first = watched.futures.iterator().next();
      leave(watched, first);
      if (!first.isDone()) {
        return first;
      }
    }
    return null;
  }

  private static void leave(WatchedWord watched, WordFuture future) {
    watched.futures.remove(future);
    future.watched = null;
  }

  synchronized boolean isEmpty(WatchedWord watched) {
    return watched.futures.isEmpty();
  }

  /** A thread no longer watches a word; it holds the lock. */
  void forget(WatchedWord watched) {
    words.remove(watched.key());
  }

  /** A thread ends; it holds the lock. */
  void forget(WordWatcher ended) {
    threads.remove(ended);
  }
}
