// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import org.jfutex.support.Kinds;
import org.jfutex.sync.MutexKind;

/** A kind as one word, for the arguments of a process. */
final class CrashKinds {
  private CrashKinds() {}

  static String nameOf(MutexKind kind) {
    return kind.toString().replace(' ', '_');
  }

  static MutexKind of(String name) {
    return Kinds.all().filter(kind -> nameOf(kind).equals(name)).findAny().orElseThrow();
  }
}
