// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.List;
import java.util.stream.Stream;

/** All scenes. */
final class CrashScenes {
  static final List<CrashScene> ALL =
      Stream.<CrashScene[]>of(MutexScene.all()).flatMap(Stream::of).toList();

  private CrashScenes() {}

  /** As one word, for the arguments of a process and for its output. */
  static String idOf(CrashScene scene) {
    return scene.primitive() + "/" + scene.name();
  }

  static CrashScene of(String id) {
    return ALL.stream().filter(scene -> idOf(scene).equals(id)).findAny().orElseThrow();
  }
}
