// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * A thread that waits for many words at once. What it waits for is changed by an interrupt, which it gets only while
 * it sleeps: code that runs on it never sees one.
 *
 * <p>The kernel tells the highest index of those that were woken, and the futures of that one are told. What else has
 * changed by then keeps it from the next sleep; then every word is looked at, and the futures of each that changed are
 * told. So a wake without a change reaches the futures of that index alone.
 *
 * <p>A word whose futures have all gone may still take a wake from another process; it is passed on. Which words may
 * have taken one: those up to the index, and none where there is no index.
 *
 * <p>The kernel looks at the words: that a page is gone, of a file that somebody truncated, is an answer there. Who
 * reads it here is told late, at any place, in the midst of what concerns the others; see {@link FutexWord}.
 *
 * <p>Every {@link LookAgain#PERIOD_NANOS} it looks without being woken, for the change of one who died before waking.
 */
final class WordWatcher extends Thread {
  /** In one futex_waitv(2), beside the word for the interrupt. */
  static final int WORDS_MAX = LinuxAbi.FUTEX_WAITV_MAX - 1;

  /** How long to stay without words: to start a thread costs as much as several sleeps. */
  private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final WordWatchers all; // the lock, too
  private final List<WatchedWord> watched = new ArrayList<>(); // guarded by it
  private boolean asleep; // or about to be; guarded by it

  private long idleSince = System.nanoTime();
  private WatchedWord[] sleepsFor = {};

  WordWatcher(WordWatchers all) {
    super(null, null, "jfutex-watch-" + NUMBER.incrementAndGet(), 0, false);
    this.all = all;
    setDaemon(true);
  }

  /** The caller holds the lock. */
  boolean hasRoom() {
    return watched.size() < WORDS_MAX;
  }

  /** The caller holds the lock. */
  void add(WatchedWord word) {
    watched.add(word);
    interruptSleep();
  }

  /** What it waits for changed. The caller holds the lock. */
  void interruptSleep() {
    if (asleep) {
      asleep = false;
      interrupt();
    }
  }

  @Override
  @SuppressWarnings("checkstyle:IllegalCatch") // whatever it is, those who wait are told
  public void run() {
    boolean goesOn = true;
    while (goesOn) {
      try {
        goesOn = prepareSleep();
        if (goesOn) {
          look(sleep());
        }
      } catch (RuntimeException | Error e) {
        afterFailure(e);
      }
    }
  }

  /** Takes up what came, and drops what is no longer waited for; false if this thread has ended by that. */
  private boolean prepareSleep() {
    synchronized (all) {
      for (Iterator<WatchedWord> each = watched.iterator(); each.hasNext(); ) {
        WatchedWord word = each.next();
        if (word.futures.isEmpty()) {
          each.remove();
          all.forget(word);
        }
      }
      long now = System.nanoTime();
      if (!watched.isEmpty()) {
        idleSince = now;
      } else if (now - idleSince >= KEEP_ALIVE_NANOS) {
        all.forget(this);
        return false;
      }
      sleepsFor = watched.toArray(WatchedWord[]::new);
      asleep = true;
    }
    return true;
  }

  /** The highest index of a word that was woken; negative for none, VALUE_CHANGED if one is to be looked for. */
  private int sleep() {
    try {
      if (sleepsFor.length == 0) {
        LockSupport.parkNanos(KEEP_ALIVE_NANOS);
        return -1;
      }
      FutexWord[] words = new FutexWord[sleepsFor.length];
      int[] expected = new int[sleepsFor.length];
      for (int i = 0; i < sleepsFor.length; i++) {
        words[i] = sleepsFor[i].word;
        expected[i] = sleepsFor[i].expected;
        if (sleepsFor[i].isNew && hasChanged(sleepsFor[i])) {
          return FutexManager.VALUE_CHANGED;
        }
        sleepsFor[i].isNew = false;
      }
      return all.futexes.sleepForAny(words, expected, LookAgain.before(Deadline.NONE));
    } finally {
      endSleep();
    }
  }

  /** From here nobody interrupts it. */
  private void endSleep() {
    synchronized (all) {
      asleep = false;
      Thread.interrupted();
    }
  }

  /**
   * Some memory was closed, or truncated: to look at each word tells which. What else happened is seen when it sleeps
   * for the others again; but whose futures have gone may have taken a wake.
   */
  @SuppressWarnings("checkstyle:IllegalCatch")
  private void afterFailure(Throwable failure) {
    boolean found = false;
    for (WatchedWord each : sleepsFor) {
      try {
        hasChanged(each);
      } catch (RuntimeException | Error e) {
        failAll(each, e);
        found = true;
      }
    }
    for (WatchedWord each : sleepsFor) {
      if (!found) {
        failAll(each, failure);
      }
      passOnUnlessWaitedFor(each);
    }
  }

  private void failAll(WatchedWord each, Throwable reason) {
    for (WordFuture next = all.takeFirst(each); next != null; next = all.takeFirst(each)) {
      next.fail(reason);
    }
  }

  /** Tells whom the answer of a sleep concerns. */
  private void look(int answer) {
    if (answer == FutexManager.VALUE_CHANGED) {
      tellOfChanges();
    }
    for (int i = 0; i <= answer; i++) {
      boolean told = i == answer && tell(sleepsFor[i], true);
      if (!told) {
        passOnUnlessWaitedFor(sleepsFor[i]);
      }
    }
  }

  /** Asks the kernel once for each page, which costs as a hundred reads, and reads what else is on it at once. */
  private void tellOfChanges() {
    WatchedWord asked = null;
    for (WatchedWord each : sleepsFor) {
      boolean isThere = asked != null && asked.isOnThePageOf(each);
      asked = each;
      if (isThere ? each.word.getVolatile() != each.expected : hasChanged(each)) {
        tell(each, !isThere);
        asked = null; // that may have taken long
      }
    }
  }

  /**
   * Tells all as long as the word has another value; false if there was nobody.
   *
   * @param sure whether to tell the first in any case: it was woken, or the kernel has just seen that it changed
   */
  private boolean tell(WatchedWord each, boolean sure) {
    boolean told = false;
    while (!all.isEmpty(each) && (sure && !told || hasChanged(each))) {
      WordFuture next = all.takeFirst(each);
      if (next != null) {
        next.tell();
        told = true;
      }
    }
    return told;
  }

  private boolean hasChanged(WatchedWord each) {
    return all.futexes.hasChanged(each.word, each.expected);
  }

  private void passOnUnlessWaitedFor(WatchedWord each) {
    if (all.isEmpty(each)) {
      all.futexes.passOn(each.word);
    }
  }
}
