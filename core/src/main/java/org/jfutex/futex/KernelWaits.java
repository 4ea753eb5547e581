// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.InterruptWord;
import org.jfutex.linux.ThreadContext;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexKey;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Which threads of this JVM block in the kernel, and for what. One entry a thread, made once; to block writes one
 * field of it. It is what close() and diagnosis stand on: a thread in a native call is RUNNABLE to Java.
 */
final class KernelWaits {
  private static final long FIRST_NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long LAST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Longer than a slice of LOCK_PI; who is still there then was moved to another word by another process. */
  private static final long RELEASE_NANOS = 2 * KernelEngine.PI_SLICE_NANOS;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Entry.class, "word", FutexWord.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What one thread waits for. Written by that thread, read by all. */
  static final class Entry {
    final ThreadContext context;
    private final InterruptWord interruptWord;
    private Thread thread; // who waits: a virtual thread where this one waits for it
    private long since; // published by the write of word
    private FutexWord[] words; // all of a waitAny; null otherwise
    private FutexWord requeueTarget; // of a wait that is to be requeued; null otherwise
    private volatile FutexWord word; // null: does not wait

    private Entry(ThreadContext context) {
      this.context = context;
      this.interruptWord = context.interruptWord(); // now, because other threads will use it
    }

    /** Whether a memory that this thread waits for was closed. Its own thread asks. */
    boolean isClosed() {
      if (words != null) {
        for (FutexWord each : words) {
          if (each.memory().isClosed()) {
            return true;
          }
        }
      }
      return word.memory().isClosed() || requeueTarget != null && requeueTarget.memory().isClosed();
    }

    /** The word to be woken on so that this thread lets go of the memory, or null. */
    private FutexWord wordIn(MappedMemory memory) {
      FutexWord first = word;
      FutexWord[] all = words;
      FutexWord target = requeueTarget;
      if (first == null
          || first.memory() == memory
          || target != null && target.memory() == memory) {
        return first;
      }
      if (all != null) {
        for (FutexWord each : all) {
          if (each != null && each.memory() == memory) { // the caller's array, which may change
            return each;
          }
        }
      }
      return null;
    }
  }

  private final FutexSyscalls syscalls;

  /** Weak: an entry lives as long as its thread, which holds it. */
  private final Collection<WeakReference<Entry>> entries = new ConcurrentLinkedQueue<>();

  /**
   * Where this JVM requeued waiters of a word to: the kernel does not tell where a waiter is now. One entry for each
   * pair of words that was ever used, until the target's memory is closed.
   */
  private final Map<FutexKey, Map<FutexKey, FutexWord>> targets = new ConcurrentHashMap<>();

  private final ThreadLocal<Entry> current = ThreadLocal.withInitial(this::register);

  KernelWaits(FutexSyscalls syscalls) {
    this.syscalls = syscalls;
  }

  private Entry register() {
    entries.removeIf(reference -> reference.get() == null);
    Entry entry = new Entry(syscalls.context());
    entries.add(new WeakReference<>(entry));
    return entry;
  }

  /**
   * The calling thread is about to block for a word.
   *
   * @throws org.jfutex.memory.ClosedMemoryException if its memory is closed; who closes it later sees this entry
   */
  Entry begin(FutexWord word) {
    return begin(word, null, null);
  }

  /** As {@link #begin(FutexWord)}, for several. */
  Entry begin(FutexWord[] words) {
    return begin(words[0], words, null);
  }

  /** As {@link #begin(FutexWord)}, for a wait that FUTEX_CMP_REQUEUE_PI alone can end. */
  Entry beginRequeue(FutexWord word, FutexWord target) {
    return begin(word, null, target);
  }

  private Entry begin(FutexWord word, FutexWord[] words, FutexWord requeueTarget) {
    Entry self = current.get();
    self.thread = HandedWait.waitingThread();
    self.since = System.nanoTime();
    self.words = words;
    self.requeueTarget = requeueTarget;
    self.word = word;
    // After the write: either this sees that the memory is closed, or who closes it sees this
    // entry.
    if (self.isClosed()) {
      end(self);
      throw new ClosedMemoryException(word.memory());
    }
    return self;
  }

  void end(Entry self) {
    WORD.setRelease(self, null);
    self.words = null; // or they would keep their mappings
    self.requeueTarget = null;
  }

  /** Waiters of a word were moved to another. Allocates the first time that this happens between the two. */
  void moved(FutexWord word, FutexWord target) {
    if (word.isSameFutex(target)) {
      return; // and nothing that would keep its memory from being unmapped
    }
    Map<FutexKey, FutexWord> known = targets.get(word.key());
    if (known == null) {
      known = targets.computeIfAbsent(word.key(), key -> new ConcurrentHashMap<>());
    }
    if (!known.containsKey(target.key())) {
      known.put(target.key(), target);
    }
  }

  void forEach(Consumer<FutexWait> action) {
    for (WeakReference<Entry> reference : entries) {
      Entry entry = reference.get();
      FutexWord word = entry == null ? null : entry.word;
      if (word == null) {
        continue;
      }
      FutexWord[] words = entry.words;
      if (words == null) {
        action.accept(new FutexWait(entry.thread, word, entry.since));
      } else {
        for (FutexWord each : words) {
          if (each != null) {
            action.accept(new FutexWait(entry.thread, each, entry.since));
          }
        }
      }
    }
  }

  /**
   * Wakes every thread that waits for a word of this memory until none does: one that is entered here may still be on
   * its way into the kernel, and would miss a single wake.
   */
  void release(MappedMemory memory) {
    boolean interrupted = Thread.interrupted(); // or parkNanos would not nap
    long nap = FIRST_NAP_NANOS;
    long end = System.nanoTime() + RELEASE_NANOS;
    while (wakeAll(memory) && System.nanoTime() < end) {
      LockSupport.parkNanos(nap);
      nap = Math.min(2 * nap, LAST_NAP_NANOS);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    targets.values().forEach(known -> known.values().removeIf(t -> t.memory() == memory));
  }

  private boolean wakeAll(MappedMemory memory) {
    boolean found = false;
    for (WeakReference<Entry> reference : entries) {
      Entry entry = reference.get();
      FutexWord word = entry == null ? null : entry.wordIn(memory);
      if (word != null) {
        wake(entry, word);
        found = true;
      }
    }
    return found;
  }

  private void wake(Entry entry, FutexWord word) {
    FutexWord target = entry.requeueTarget;
    entry.interruptWord.wakeup();
    if (target != null) {
      // Owns the target then, and gives it back; see KernelEngine.waitRequeuePi.
      syscalls.compareRequeuePi(
          word.address(), KernelEngine.flags(word), 1, 0, target.address(), word.getEvenIfClosed());
      return;
    }
    Map<FutexKey, FutexWord> places = new HashMap<>();
    addPlaces(word, places);
    for (FutexWord place : places.values()) {
      syscalls.wake(place.address(), KernelEngine.flags(place), Integer.MAX_VALUE);
    }
  }

  /** The word, and wherever requeues may have moved its waiters. */
  private void addPlaces(FutexWord word, Map<FutexKey, FutexWord> places) {
    if (places.putIfAbsent(word.key(), word) == null) {
      targets.getOrDefault(word.key(), Map.of()).values().forEach(t -> addPlaces(t, places));
    }
  }
}
