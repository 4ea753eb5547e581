// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

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
}
