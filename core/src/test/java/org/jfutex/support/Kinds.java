// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.util.stream.Stream;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;

/** The twelve kinds of mutex. */
public final class Kinds {
  /** For mutexes whose owner is not meant to die. */
  public static final Recovery NO_REPAIR =
      mutex -> {
        throw new AssertionError("nobody was to die: " + mutex);
      };

  private Kinds() {}

  public static Stream<MutexKind> all() {
    return Stream.of(MutexKind.NORMAL, MutexKind.RECURSIVE, MutexKind.ERROR_CHECK)
        .flatMap(kind -> Stream.of(kind, kind.robust(true)))
        .flatMap(kind -> Stream.of(kind, kind.priorityInheritance(true)));
  }

  public static Stream<MutexKind> robust() {
    return all().filter(MutexKind::robust);
  }
}
