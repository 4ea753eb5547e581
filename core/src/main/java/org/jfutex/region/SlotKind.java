// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.AfterReboot;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** What a name can stand for. The number of a kind is what the directory keeps; 0 is none. */
public enum SlotKind {
  /** A {@link FutexWord}. */
  WORD(1, "", none -> FutexWord.BYTES),
  /** Memory for the user's own data. */
  BYTES(2, "", none -> 1),
  /** A {@link SharedMutex}; the parameter is the kind field of its {@code pthread_mutex_t}. */
  MUTEX(3, "kind", kind -> SharedMutex.BYTES),
  /** A {@link SharedCondition}. */
  CONDITION(4, "", none -> SharedCondition.BYTES);

  private final int number;
  private final String parameterName; // empty if there is none
  private final IntToLongFunction bytes;

  SlotKind(int number, String parameterName, IntToLongFunction bytes) {
    this.number = number;
    this.parameterName = parameterName;
    this.bytes = bytes;
  }

  /** In the directory. */
  public int number() {
    return number;
  }

  static List<Integer> numbers() {
    return Arrays.stream(values()).map(SlotKind::number).toList();
  }

  /** The kind of a number, or null. */
  static SlotKind of(int number) {
    for (SlotKind kind : values()) {
      if (kind.number == number) {
        return kind;
      }
    }
    return null;
  }

  /** Whether one can have been made with it, as far as the directory has to care. */
  boolean accepts(int parameter) {
    if (this == MUTEX) {
      return MutexKind.isField(parameter);
    }
    return parameterName.isEmpty() ? parameter == 0 : parameter > 0;
  }

  /** What the slot takes at least, in bytes. */
  long bytes(int parameter) {
    return bytes.applyAsLong(parameter);
  }

  /** Where in a slot there are mutexes. */
  LongStream mutexes(int parameter) {
    return this == MUTEX ? LongStream.of(0) : LongStream.empty();
  }

  /** After a reboot; see {@link AfterReboot}. */
  void recover(MappedMemory memory, long offset, int parameter) {
    boolean robust = this != MUTEX || MutexKind.ofField(parameter, toString()).robust();
    mutexes(parameter).forEach(mutex -> AfterReboot.mutex(memory, offset + mutex, robust));
    if (this == CONDITION) {
      AfterReboot.condition(memory, offset);
    }
  }

  /** {@code "robust error-check mutex"}. */
  String describe(int parameter, long length) {
    if (this == BYTES) {
      return length + " bytes";
    }
    if (this == MUTEX) {
      return MutexKind.ofField(parameter, toString()) + " mutex";
    }
    return parameterName.isEmpty() ? toString() : this + ", " + parameter + " " + parameterName;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
