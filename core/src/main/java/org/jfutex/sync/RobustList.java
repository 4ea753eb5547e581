// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.OwnMemory;
import org.jfutex.linux.RobustListHead;
import org.jfutex.memory.TruncatedMemoryException;

/**
 * The robust mutexes that one thread holds: the list that the kernel walks when the thread dies. It is glibc's own, so
 * robust mutexes that native code of the same thread holds are in it too, and glibc edits our entries when it unlinks
 * their neighbours.
 *
 * <pre>
 *   head.next -> newest -> ... -> oldest -> head      next: where the neighbour's next lies, | 1 if it is a PI futex
 *   head      <- newest <- ... <- oldest              prev: the same, never marked; the head needs none
 * </pre>
 *
 * <p>The entries lie in shared memory, where others can overwrite them. So what is in the list, and in which order, is
 * kept here as well. While no foreign entry is among ours, no pointer of an entry is ever read. Where there is one, the
 * list is walked from the head, and no neighbour is accepted but the head, our entries, and entries whose word names
 * this thread; anything else is a {@link CorruptMutexException}, and nothing is written.
 *
 * <p>It is also what keeps the mappings of held mutexes reachable until the kernel has walked the list: a thread-local
 * is gone before that.
 *
 * <p>Only this thread's own end in the kernel reads what is stored here, so the order of the program is all that
 * counts, and only the compiler could change it: a store that must not come before those ahead of it is a release
 * store.
 */
final class RobustList extends RobustListHead {
  private static final int FEW = 16;
  private static final int IDLE = -1; // the head's pending is not set
  private static final long NO_MARK = ~LinuxAbi.ROBUST_LIST_PI;

  /**
   * By the address of the head. An entry stays while its thread, which may have ended for Java, exists in the kernel.
   */
  private static final Map<Long, RobustList> LISTS = new ConcurrentHashMap<>();

  private final int tid;
  private final WeakReference<Thread> thread = new WeakReference<>(Thread.currentThread());
  private OwnedMutex[] held = new OwnedMutex[FEW]; // oldest first; stale beyond size
  private int size;
  private long newest; // what head.next was when last looked at
  private boolean mixed; // foreign entries among ours
  private OwnedMutex pending; // stale while idle
  private int sizeBefore = IDLE; // of a word being taken; 0 for one being given back

  private RobustList(FutexSyscalls syscalls, int tid) {
    super(syscalls);
    this.tid = tid;
    newest = address();
  }

  /**
   * @throws UnsupportedOperationException for a virtual thread, or if the C library keeps no list that can be used
   */
  static RobustList ofCurrentThread(int tid) {
    FutexSyscalls syscalls = FutexSyscalls.system();
    LISTS.values().removeIf(RobustList::isGone);
    // The same thread, if native code detached it from the JVM and attached it again.
    return LISTS.compute(
        syscalls.context().robustListHead(),
        (address, known) ->
            known != null && known.tid == tid ? known : new RobustList(syscalls, tid));
  }

  private boolean isGone() {
    Thread owner = thread.get();
    return (owner == null || !owner.isAlive()) && !Files.exists(Path.of("/proc/self/task/" + tid));
  }

  /** A word is about to be taken. From here the kernel looks at it when this thread dies. */
  void beginTaking(OwnedMutex word) {
    if (isWorking()) {
      repair();
    }
    start(word, size);
    goOnTaking();
  }

  /** As {@link #beginTaking}, of a word that this thread slept for: it stays pending throughout. */
  void goOnTaking() {
    if (size == LinuxAbi.ROBUST_LIST_LIMIT) {
      end();
      throw new IllegalStateException(
          "this thread holds "
              + size
              + " robust mutexes, expected fewer: the kernel looks at no more when a thread dies");
    }
    if (first() != newest) {
      try {
        resynchronise();
        sizeBefore = Math.min(sizeBefore, size);
      } catch (CorruptMutexException e) {
        end();
        throw e;
      }
    }
  }

  /** A word is about to be given back. From here the kernel looks at it, linked or not, when this thread dies. */
  void begin(OwnedMutex word) {
    if (isWorking()) {
      repair();
    }
    start(word, 0);
  }

  /**
   * A word that is no entry, at an address, is about to name this thread for a moment. Until {@link #end} the kernel
   * looks at it when this thread dies, as at an entry.
   */
  void beginMoment(long wordAddress) {
    if (isWorking()) {
      repair();
    }
    setPending(wordAddress - GLIBC_FUTEX_OFFSET);
  }

  private boolean isWorking() {
    return sizeBefore != IDLE;
  }

  private void start(OwnedMutex word, int before) {
    if (pending != word) {
      pending = word;
    }
    sizeBefore = before;
    setPending(word.entry());
  }

  /** What was begun is done, and whoever had to be woken was woken. */
  void end() {
    clearPendingRelease();
    sizeBefore = IDLE;
  }

  /** As {@link #end}, right after the read-modify-write that gave the word back. */
  void endGivenBack() {
    clearPending();
    sizeBefore = IDLE;
  }

  /**
   * After {@link #beginTaking}, and taking it.
   *
   * @throws CorruptMutexException if it is linked: somebody freed what this thread holds, and holds as before
   */
  void link(OwnedMutex word) {
    if (newest == address()) {
      push(word);
    } else {
      linkBeforeOthers(word);
    }
  }

  private void linkBeforeOthers(OwnedMutex word) {
    // Who gave it back cleared its next, or is a slot's owner.
    if (word.next() != 0 && indexOf(word.entry()) >= 0) {
      end();
      throw corrupt("has " + word.state + " already, which was free", word.entry());
    }
    try {
      push(word);
    } catch (TruncatedMemoryException | InternalError e) { // a neighbour's page is gone
      dropTruncated();
      if (indexOf(word) < 0) { // an InternalError may come when all is done
        push(word);
      }
    }
  }

  private void push(OwnedMutex word) {
    word.setPrev(address());
    word.setNext(newest);
    if (newest != address()) {
      setPrev(newest, size - 1, word.entryAddress());
    }
    setFirstRelease(word.entry());
    newest = word.entry();
    remember(word);
  }

  private void remember(OwnedMutex word) {
    if (size == held.length) {
      held = Arrays.copyOf(held, 2 * size);
    }
    if (held[size] != word) {
      held[size] = word;
    }
    size++;
  }

  /**
   * Before a word is given back.
   *
   * @throws CorruptMutexException if it is not between neighbours that it can be between; nothing was written then
   */
  void unlink(OwnedMutex word) {
    int index = indexOf(word);
    if (index < 0) {
      end();
      throw new IllegalMonitorStateException(
          word.state
              + " was not taken by this thread through jfutex; unlock it where it was locked");
    }
    try {
      if (mixed || first() != newest) {
        unlinkAmongForeign(index);
      } else if (size == 1) {
        unlinkTheOnly(word);
      } else {
        unlinkAmongOurs(index);
      }
    } catch (TruncatedMemoryException | InternalError e) { // its page is gone, or a neighbour's
      dropTruncated();
      if (indexOf(word) >= 0) {
        unlink(word);
      } else if (word.isTruncated()) {
        end();
        throw e;
      }
    }
  }

  private void unlinkTheOnly(OwnedMutex word) {
    setFirstRelease(address());
    newest = address();
    size = 0;
    word.clearLinks(); // after that, see forget
  }

  private void unlinkAmongOurs(int index) {
    long next = index == 0 ? address() : held[index - 1].entry();
    boolean isNewest = index == size - 1;
    if (index > 0) {
      held[index - 1].setPrev(isNewest ? address() : held[index + 1].entryAddress());
    }
    if (isNewest) {
      setFirstRelease(next);
      newest = next;
    } else {
      held[index + 1].setNextRelease(next);
    }
    forget(index);
  }

  private void forget(int index) {
    OwnedMutex word = held[index];
    int others = size - 1 - index;
    if (others > 0) {
      System.arraycopy(held, index + 1, held, index, others);
    }
    size--;
    // After it was unlinked, or the kernel would find the end of the list here.
    word.clearLinks();
  }

  /** Of the word, or of another mapping of it through which it was taken; -1 if it is not held. */
  private int indexOf(OwnedMutex word) {
    for (int i = size - 1; i >= 0; i--) {
      if (held[i] == word) {
        return i;
      }
    }
    for (int i = size - 1; i >= 0; i--) {
      if (held[i].state.key().equals(word.state.key())) {
        return i;
      }
    }
    return -1;
  }

  private int indexOf(long entry) {
    for (int i = size - 1; i >= 0; i--) {
      if (held[i].entryAddress() == (entry & NO_MARK)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * @param guess where the entry is among ours if it is ours, most likely
   */
  private void setPrev(long entry, int guess, long prev) {
    if (guess >= 0 && held[guess].entry() == entry) {
      held[guess].setPrev(prev);
    } else if (entry != address()) {
      int index = indexOf(entry);
      if (index >= 0) {
        held[index].setPrev(prev);
      } else {
        writeForeign((entry & NO_MARK) - MutexLayout.NEXT + MutexLayout.PREV, prev);
      }
    }
  }

  private void setNext(long entry, long next) {
    int index = indexOf(entry);
    if (entry == address()) {
      setFirstRelease(next);
      newest = next;
    } else if (index >= 0) {
      held[index].setNextRelease(next);
    } else {
      writeForeign(entry & NO_MARK, next);
    }
  }

  private long nextOf(long entry) {
    int index = indexOf(entry);
    if (entry == address()) {
      return first();
    }
    if (index >= 0) {
      return held[index].next();
    }
    checkForeign(entry);
    return readForeign(entry & NO_MARK);
  }

  private void unlinkAmongForeign(int index) {
    OwnedMutex word = held[index];
    try {
      long prev = address();
      int steps = 0;
      for (long entry = first(); (entry & NO_MARK) != word.entryAddress(); entry = nextOf(entry)) {
        if (entry == address() || steps++ == LinuxAbi.ROBUST_LIST_LIMIT) {
          throw corrupt("does not lead to " + word.state, entry);
        }
        prev = entry;
      }
      long next = word.next();
      if (next != address() && indexOf(next) < 0) {
        checkForeign(next);
        if (readForeign((next & NO_MARK) - MutexLayout.NEXT + MutexLayout.PREV)
            != word.entryAddress()) {
          throw corrupt("has a neighbour that does not know " + word.state, next);
        }
      }
      setPrev(next, index - 1, prev & NO_MARK);
      setNext(prev, next);
    } catch (CorruptMutexException e) {
      end();
      throw e;
    }
    forget(index);
    newest = first();
    mixed = newest != address(); // what is left may be foreign, though none of ours is
  }

  /** Finds out what is in the list by walking it, when it is not what we left there. */
  private void resynchronise() {
    try {
      walk();
    } catch (TruncatedMemoryException | InternalError e) {
      dropTruncated();
      walk();
    }
  }

  private void walk() {
    OwnedMutex[] found = new OwnedMutex[held.length];
    int ours = 0;
    int foreign = 0;
    for (long entry = first(); entry != address(); entry = nextOf(entry)) {
      int index = indexOf(entry);
      if (index >= 0) {
        found[found.length - ++ours] = held[index];
      } else {
        if (foreign == 0 && ours == 0) {
          checkNewestForeign(entry);
        }
        foreign++;
      }
      if (ours > size || ours + foreign > LinuxAbi.ROBUST_LIST_LIMIT) {
        throw corrupt("has no end", entry);
      }
    }
    System.arraycopy(found, found.length - ours, held, 0, ours);
    size = ours;
    newest = first();
    mixed = foreign > 0;
  }

  /**
   * Takes what was truncated away out of the list: nobody will ever be told of it, and the kernel would go no further.
   * What lies in other files stays held, but for foreign entries that only a truncated one led to.
   */
  private void dropTruncated() {
    long prev = address();
    for (int steps = 0; steps <= LinuxAbi.ROBUST_LIST_LIMIT; steps++) {
      long entry = nextOf(prev);
      long next = skipTruncated(entry);
      if (next != entry) {
        setPrev(next, -1, prev & NO_MARK);
        setNext(prev, next);
      }
      if (next == address()) {
        break;
      }
      prev = next;
    }
    int left = 0;
    for (int i = 0; i < size; i++) {
      if (!held[i].isTruncated()) {
        held[left++] = held[i];
      }
    }
    size = left;
    sizeBefore = Math.min(sizeBefore, size);
    newest = first();
  }

  /** The entry, or if it is truncated the next of ours that is not, or the head. */
  private long skipTruncated(long entry) {
    int index = indexOf(entry);
    if (index < 0) {
      return entry;
    }
    while (index >= 0 && held[index].isTruncated()) {
      index--;
    }
    return index < 0 ? address() : held[index].entry();
  }

  /** Its prev will be written: so it can be, and what it holds is what it must. */
  private void checkNewestForeign(long entry) {
    checkForeign(entry);
    long prev = (entry & NO_MARK) - MutexLayout.NEXT + MutexLayout.PREV;
    if (readForeign(prev) != address()) {
      throw corrupt("has a first entry that does not know the head", entry);
    }
    writeForeign(prev, address());
  }

  /** An entry that is not ours is accepted only if its word names this thread. */
  private void checkForeign(long entry) {
    int word;
    try {
      word = OwnMemory.readInt((entry & NO_MARK) + GLIBC_FUTEX_OFFSET);
    } catch (IOException e) {
      throw corrupt("has an entry where there is no memory (" + e.getMessage() + ")", entry);
    }
    if ((word & LinuxAbi.FUTEX_TID_MASK) != tid) {
      throw corrupt(
          "has an entry whose word is 0x"
              + Integer.toHexString(word)
              + ", expected one that names thread "
              + tid,
          entry);
    }
  }

  private long readForeign(long address) {
    try {
      return OwnMemory.readLong(address);
    } catch (IOException e) {
      throw corrupt("has an entry that cannot be read (" + e.getMessage() + ")", address);
    }
  }

  private void writeForeign(long address, long value) {
    try {
      OwnMemory.writeLong(address, value);
    } catch (IOException e) {
      throw corrupt("has an entry that cannot be written (" + e.getMessage() + ")", address);
    }
  }

  private CorruptMutexException corrupt(String what, long entry) {
    return new CorruptMutexException(
        "the robust list of thread "
            + tid
            + " "
            + what
            + ", at 0x"
            + Long.toHexString(entry)
            + ". Somebody wrote into a mutex that this thread holds. Fix: end this process; the kernel hands its"
            + " mutexes on");
  }

  /**
   * Ends an operation that was thrown out of its middle, by a StackOverflowError: as if its thread had died there.
   *
   * <p>Its steps are: pending, word taken, linked; or pending, unlinked, word given back, one woken.
   *
   * @return whether there was such an operation
   */
  boolean repair() {
    if (!isWorking()) {
      return false;
    }
    OwnedMutex word = pending;
    int index = indexOf(word);
    if (index >= 0 && index < sizeBefore) {
      end(); // the owner tried to take it again: it holds it as before
      return true;
    }
    if (index < 0) {
      remember(word); // so that the walk knows it, if it is linked
    }
    try {
      giveUp(word);
    } catch (TruncatedMemoryException | InternalError e) {
      dropTruncated();
      if (word.isTruncated()) {
        end();
      } else {
        giveUp(word);
      }
    }
    return true;
  }

  private void giveUp(OwnedMutex word) {
    setPrev(first(), size - 1, address()); // it may know a word that was not linked after all
    resynchronise();
    if (indexOf(word) >= 0) {
      unlink(word);
    }
    word.abandon(this, tid);
  }
}
