// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.List;
import java.util.stream.Stream;

/** All scenes. */
final class CrashScenes {
  /** System property: the beginning of the ids of those scenes that are to be played; all unless set. */
  static final String PROPERTY = "jfutex.crash.scenes";

  static final List<CrashScene> ALL =
      Stream.<CrashScene[]>of(
              MutexScene.all(),
              SemaphoreScene.values(),
              CompactReadWriteScene.values(),
              RegionScene.values(),
              EventScene.values(),
              DoorbellScene.values(),
              RobustSemaphoreScene.values(),
              LatchScene.values(),
              BarrierScene.values(),
              OnceScene.values(),
              ReadWriteScene.values())
          .flatMap(Stream::of)
          .filter(scene -> idOf(scene).startsWith(System.getProperty(PROPERTY, "")))
          .toList();

  private CrashScenes() {}

  /** As one word, for the arguments of a process and for its output. */
  static String idOf(CrashScene scene) {
    return scene.primitive() + "/" + scene.name();
  }

  static CrashScene of(String id) {
    return ALL.stream().filter(scene -> idOf(scene).equals(id)).findAny().orElseThrow();
  }
}
