// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * The bytes of a mutex: a process-shared {@code pthread_mutex_t} of 64-bit glibc.
 *
 * <pre>
 *    0  lock     u32  the futex word; see the word protocols
 *    4  count    u32  recursive: how often held; robust and PI: 1 while held, and left at 1 unless recursive
 *    8  owner    s32  thread id while held, 0 before the word is given back; or one of the two below
 *   12  nusers   u32  +1 taken, -1 given back; taking it after an owner's death does not count
 *   16  kind     s32  see {@link MutexKind}
 *   20  spins    s16  glibc's own; elision s16
 *   24  prev     ptr  the neighbours in the robust list, in the owner's address space; what a pointer
 *   32  next     ptr  in a list points at is this field
 * </pre>
 */
final class MutexLayout {
  static final int LOCK = 0;
  static final int COUNT = 4;
  static final int OWNER = 8;
  static final int NUSERS = 12;
  static final int KIND = 16;
  static final int PREV = 24;
  static final int NEXT = 32;
  static final int BYTES = 40;

  /** In the owner field while the owner before died and nobody said that the data are consistent. */
  static final int OWNER_INCONSISTENT = 0x7fffffff;

  /** In the owner field once that was given up. */
  static final int OWNER_NOT_RECOVERABLE = 0x7ffffffe;

  static final int NO_OWNER = 0;

  private MutexLayout() {}

  /**
   * The kind of the mutex that is at an offset.
   *
   * @throws IllegalArgumentException if there is no room, or none that processes can share
   */
  static MutexKind kindAt(MappedMemory memory, long offset) {
    return MutexKind.ofField(kindField(memory, offset).getVolatile(), where(memory, offset));
  }

  /**
   * Makes a free mutex of zeros, unless there is one of this kind. That takes one compare-and-set, of the kind field:
   * of those who come at the same moment one makes it.
   *
   * @throws IllegalArgumentException if there is no room, or something else
   */
  static void findOrCreate(MappedMemory memory, long offset, MutexKind kind) {
    FutexWord field = kindField(memory, offset);
    // Whoever comes second may find no zeros, because the first one holds its mutex already.
    if (field.getVolatile() == 0 && isZero(memory, offset)) {
      field.compareAndSet(0, kind.toField());
    }
    MutexKind found = kindAt(memory, offset);
    if (!found.equals(kind)) {
      throw new IllegalArgumentException(
          "found a mutex of kind "
              + found
              + " at "
              + where(memory, offset)
              + ", expected kind "
              + kind
              + "; SharedMutex.adopt takes whatever kind is there");
    }
  }

  private static String where(MappedMemory memory, long offset) {
    return "offset " + offset + " of " + memory;
  }

  private static FutexWord kindField(MappedMemory memory, long offset) {
    memory.checkSlot(offset, BYTES);
    return memory.word(offset + KIND);
  }

  private static boolean isZero(MappedMemory memory, long offset) {
    for (int field = 0; field < BYTES; field += FutexWord.BYTES) {
      if (memory.word(offset + field).getVolatile() != 0) {
        return false;
      }
    }
    return true;
  }
}
