// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.region.SharedRegion;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedReadWriteLock;
import org.jfutex.sync.SharedSemaphore;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What {@code --lock} offers; a kind is a line. Zeros become a free lock. */
enum LockKind {
  NORMAL(MutexKind.NORMAL),
  RECURSIVE(MutexKind.RECURSIVE),
  ERRORCHECK(MutexKind.ERROR_CHECK),
  ROBUST(MutexKind.DEFAULT),
  PI(MutexKind.NORMAL.priorityInheritance(true)),
  ROBUST_PI(MutexKind.DEFAULT.priorityInheritance(true)),
  RWLOCK(
      (memory, offset, recovery) ->
          SharedReadWriteLock.at(memory, offset, LockKind.READERS, recovery).writeLock()),
  RWLOCK_COMPACT((memory, offset, recovery) -> CompactReadWriteLock.at(memory, offset).writeLock()),
  SEMAPHORE((memory, offset, recovery) -> new SemaphoreLock(SharedSemaphore.at(memory, offset, 1)));

  private static final int READERS = SharedReadWriteLock.DEFAULT_READERS;

  /** The largest kind needs so many. */
  static final int BYTES = (int) SharedReadWriteLock.bytes(READERS);

  /** How one is made. */
  private interface Making {
    Lock at(MappedMemory memory, long offset, Recovery recovery);
  }

  private final Making making;
  private final MutexKind mutex; // null if it is none

  LockKind(MutexKind mutex) {
    this.mutex = mutex;
    making = (memory, offset, recovery) -> SharedMutex.at(memory, offset, mutex, recovery);
  }

  LockKind(Making making) {
    this.making = making;
    mutex = null;
  }

  /** The lock whose state begins at an offset, for those who have everything repaired inside {@code lock()}. */
  Lock at(MappedMemory memory, long offset, Recovery recovery) {
    return making.at(memory, offset, recovery);
  }

  /** The mutex of a name, for those who ask how they got it. */
  SharedMutex mutexOf(SharedRegion region, String name) {
    return region.mutex(name, mutex);
  }

  static LockKind of(String name) {
    return of(name, List.of(values()));
  }

  private static LockKind of(String name, List<LockKind> offered) {
    for (LockKind kind : offered) {
      if (kind.toString().equals(name)) {
        return kind;
      }
    }
    throw new TypeConversionException("expected one of " + offered + ", found '" + name + "'");
  }

  /** For an option that takes only the mutexes that survive their owner. */
  static final class Robust implements ITypeConverter<LockKind>, Iterable<String> {
    private static final List<LockKind> KINDS =
        Arrays.stream(values())
            .filter(offered -> offered.mutex != null && offered.mutex.robust())
            .toList();

    @Override
    public LockKind convert(String name) {
      return of(name, KINDS);
    }

    /** What the help lists. */
    @Override
    public Iterator<String> iterator() {
      return KINDS.stream().map(LockKind::toString).iterator();
    }
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
