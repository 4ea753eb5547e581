// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;

/** The kinds of a mutex on a command line that C reads too: as the bits in a {@code pthread_mutex_t}. */
public final class KindNumber {
  private static final int AGAIN_MASK = 3;
  private static final int ROBUST = 16;
  private static final int PRIORITY_INHERITANCE = 32;

  private KindNumber() {}

  /** The argument that means a kind. */
  public static String of(MutexKind kind) {
    return Integer.toString(
        kind.again().ordinal()
            | (kind.robust() ? ROBUST : 0)
            | (kind.priorityInheritance() ? PRIORITY_INHERITANCE : 0));
  }

  static MutexKind parse(String argument) {
    int number = Integer.parseInt(argument);
    return new MutexKind(
        Again.values()[number & AGAIN_MASK],
        (number & ROBUST) != 0,
        (number & PRIORITY_INHERITANCE) != 0);
  }

  /** As part of a line's name: {@code normal}, {@code robust-pi}, {@code robust-recursive}. */
  public static String name(MutexKind kind) {
    List<String> words = new ArrayList<>();
    if (kind.robust()) {
      words.add("robust");
    }
    if (kind.priorityInheritance()) {
      words.add("pi");
    }
    if (kind.again() != Again.NORMAL || words.isEmpty()) {
      words.add(kind.again().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return String.join("-", words);
  }
}
