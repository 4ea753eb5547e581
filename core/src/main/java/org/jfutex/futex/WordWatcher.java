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
 * <p>The kernel tells the highest index of those that were woken. So after a sleep every word is looked at, and the
 * futures of each that changed are told. A wake without a change reaches the futures of that index alone.
 *
 * <p>A word whose futures have all gone may still take a wake from another process; it is passed on. Which words may
 * have taken one: those up to the index, and none where there is no index.
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
  private boolean lateFaultExcused; // the last time round

  /** Taken out by this thread, and not known to have been told; a late fault may come in between. */
  WordFuture telling;

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

  /**
   * Begins a turn only after a failure, and so is never compiled: where a loop's own poll throws that a page is gone,
   * compiled code leaves the whole method, past its handlers. See {@link FutexWord}.
   */
  @Override
  @SuppressWarnings("checkstyle:IllegalCatch") // whatever it is, those who wait are told
  public void run() {
    boolean goesOn = true;
    while (goesOn) {
      try {
        watch();
        goesOn = false;
      } catch (RuntimeException | Error e) {
        afterFailure(e);
      }
    }
  }

  private void watch() {
    while (prepareSleep()) {
      look(sleep());
      lateFaultExcused = false;
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

  /** The highest index of a word that may have been woken; negative for none. */
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
      }
      return all.futexes.waitAnyInterruptibly(words, expected, LookAgain.before(Deadline.NONE));
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
   * Some memory was closed, or truncated: the kernel says which, and who waits for that is told. What else happened is
   * seen when it sleeps for the others again; but whose futures have gone may have taken a wake.
   *
   * <p>Compiled code throws late that it read a page that is gone: some value was read by then, its futures were told,
   * and this thread may no longer watch it. Then none that it watches is to blame, the first time.
   */
  @SuppressWarnings("checkstyle:IllegalCatch")
  private void afterFailure(Throwable failure) {
    boolean found = false;
    if (telling != null) {
      telling.tell();
      telling = null;
    }
    for (WatchedWord each : sleepsFor) {
      try {
        // Moves nobody, and looks at the word: in the kernel, if there is one to ask.
        all.futexes.compareRequeue(each.word, each.expected, each.word, 0, 0);
      } catch (RuntimeException | Error e) {
        failAll(each, e);
        found = true;
      }
    }
    boolean late = !found && failure instanceof InternalError && !lateFaultExcused;
    lateFaultExcused = late;
    for (WatchedWord each : sleepsFor) {
      if (!found && !late) {
        failAll(each, failure);
      }
      passOnUnlessWaitedFor(each);
    }
  }

  private void failAll(WatchedWord each, Throwable reason) {
    for (WordFuture next = all.takeFirst(each); next != null; next = all.takeFirst(each)) {
      next.fail(reason);
      telling = null;
    }
  }

  private void look(int woken) {
    for (int i = 0; i < sleepsFor.length; i++) {
      look(sleepsFor[i], i == woken, i <= woken);
    }
  }

  /**
   * Tells whom it concerns.
   *
   * @param woken whether the word was woken
   * @param perhaps whether it may have been
   */
  private void look(WatchedWord each, boolean woken, boolean perhaps) {
    boolean unused = perhaps;
    for (boolean tell = woken; tell || each.hasChanged(); tell = false) {
      WordFuture next = all.takeFirst(each);
      if (next == null) {
        break;
      }
      unused = false;
      next.tell();
      telling = null;
    }
    if (unused) {
      passOnUnlessWaitedFor(each);
    }
  }

  private void passOnUnlessWaitedFor(WatchedWord each) {
    if (all.isEmpty(each)) {
      all.futexes.passOn(each.word);
    }
  }
}
