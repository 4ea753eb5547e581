// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.jfutex.linux.LinuxAbi.FUTEX_OWNER_DIED;
import static org.jfutex.linux.LinuxAbi.FUTEX_TID_MASK;
import static org.jfutex.linux.LinuxAbi.FUTEX_WAITERS;

import org.jfutex.linux.OwnMemory;
import org.jfutex.memory.MappedMemory;

/**
 * A mutex whose word names its owner in the form that the kernel reads: thread id | {@code OWNER_DIED} | {@code
 * WAITERS}. If it is robust it is an entry of its owner's {@link RobustList}.
 */
abstract sealed class OwnedMutex extends SharedMutex permits RobustMutex, PiMutex {
  static final int FREE = 0;

  /** What pointers to this entry hold. */
  private final long entry;

  /**
   * @param entryMark what pointers to the entry hold beside its address
   */
  OwnedMutex(MappedMemory memory, long offset, MutexKind kind, Recovery recovery, long entryMark) {
    super(memory, offset, kind, recovery);
    entry = entryAddress() | entryMark;
  }

  /** What the pointers of a robust list hold for this word. */
  final long entry() {
    return entry;
  }

  final long entryAddress() {
    return address() + MutexLayout.NEXT;
  }

  /** The neighbour on the head's side. */
  final void setPrev(long entryAddress) {
    setLongPlain(MutexLayout.PREV, entryAddress);
  }

  /** The neighbour on the far side. */
  final void setNext(long entry) {
    setLongPlain(MutexLayout.NEXT, entry);
  }

  /** As {@link #setNext}, after everything that this thread wrote before. */
  final void setNextRelease(long entry) {
    setLongRelease(MutexLayout.NEXT, entry);
  }

  /** It is not in the list any more. */
  void clearLinks() {
    setNextRelease(0);
    setPrev(0);
  }

  final long next() {
    return getLongPlain(MutexLayout.NEXT);
  }

  /** Whether its page was truncated away; by a system call, since compiled code may be told late. */
  final boolean isTruncated() {
    return !OwnMemory.isThere(entryAddress());
  }

  /**
   * Gives back a word that is pending in the list and not linked any more; whoever is next is told that its owner died,
   * where that is possible. If it was given back already, somebody may still have to be woken.
   */
  abstract void abandon(RobustList list, int tid);

  @Override
  final boolean isHeldBy(CurrentThread self) {
    checkOpen();
    return ownerTid(getPlain(MutexLayout.LOCK)) == self.tid; // if it is, nobody else changes that
  }

  @Override
  final boolean isInconsistent() {
    return ownerField() == MutexLayout.OWNER_INCONSISTENT;
  }

  @Override
  final boolean isHeld(int word) {
    return (word & FUTEX_TID_MASK) != 0 && (word & FUTEX_OWNER_DIED) == 0;
  }

  @Override
  final boolean hasSleepers(int word) {
    return (word & FUTEX_WAITERS) != 0;
  }

  @Override
  final int ownerTid(int word) {
    return word & FUTEX_TID_MASK;
  }
}
