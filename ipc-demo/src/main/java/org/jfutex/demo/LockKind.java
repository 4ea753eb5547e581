// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedMutex;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What {@code --lock} offers; a kind is a line. Its state fits into a cache line, and zeros are a free lock. */
enum LockKind {
  NORMAL(MutexKind.NORMAL),
  RECURSIVE(MutexKind.RECURSIVE),
  ERRORCHECK(MutexKind.ERROR_CHECK),
  ROBUST(MutexKind.DEFAULT),
  PI(MutexKind.NORMAL.priorityInheritance(true)),
  ROBUST_PI(MutexKind.DEFAULT.priorityInheritance(true));

  private final MutexKind kind;

  LockKind(MutexKind kind) {
    this.kind = kind;
  }

  /** The lock of this kind whose state begins at an offset, for those who ask how they got it. */
  SharedMutex at(MappedMemory memory, long offset) {
    return SharedMutex.at(memory, offset, kind);
  }

  /** As {@link #at(MappedMemory, long)}, for those who have everything repaired inside {@code lock()}. */
  SharedMutex at(MappedMemory memory, long offset, Recovery recovery) {
    return SharedMutex.at(memory, offset, kind, recovery);
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

  /** For an option that takes only the kinds that survive their owner. */
  static final class Robust implements ITypeConverter<LockKind>, Iterable<String> {
    private static final List<LockKind> KINDS =
        Arrays.stream(values()).filter(offered -> offered.kind.robust()).toList();

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
