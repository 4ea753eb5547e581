// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code --lock} offers; a kind is a line. Its state fits into the slot of {@link CounterFile}, and zeros are a
 * free lock.
 */
enum LockKind {
  NORMAL((memory, offset) -> SharedMutex.at(memory, offset, MutexKind.NORMAL));

  private interface LockInMemory {
    Lock at(MappedMemory memory, long offset);
  }

  private final LockInMemory kind;

  LockKind(LockInMemory kind) {
    this.kind = kind;
  }

  /** The lock of this kind whose state begins at an offset. */
  Lock at(MappedMemory memory, long offset) {
    return kind.at(memory, offset);
  }

  static LockKind of(String name) {
    for (LockKind kind : values()) {
      if (kind.toString().equals(name)) {
        return kind;
      }
    }
    throw new TypeConversionException(
        "expected one of " + Arrays.toString(values()) + ", found '" + name + "'");
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
