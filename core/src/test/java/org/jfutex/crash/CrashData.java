// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.nio.ByteBuffer;

/**
 * What a lock guards: who is inside, and two numbers that are equal unless somebody is. Each store may be the last of
 * who makes it.
 */
final class CrashData {
  /** What a death here is said to be before. */
  static final String STEP = "data";

  private static final int HOLDER = 0; // 0 for nobody: left set by who died there
  private static final int LEFT = 4;
  private static final int RIGHT = 8;

  private final ByteBuffer bytes;
  private final int at;

  CrashData(ByteBuffer bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** What the owner of a lock does. */
  void work(int tid) {
    begin(tid);
    store(RIGHT, get(RIGHT) + 1);
    store(HOLDER, 0);
  }

  /** As far as somebody comes who dies inside. */
  void begin(int tid) {
    store(HOLDER, tid);
    store(LEFT, get(LEFT) + 1);
  }

  /** Makes it whole, after an owner died. */
  void repair() {
    store(RIGHT, get(LEFT));
    store(HOLDER, 0);
  }

  /** What one does who must not change it, beside others who do the same. */
  void read() {
    CrashPoint.at(STEP, this).checkWhole();
    CrashPoint.at(STEP, this).checkWhole();
  }

  /** What who was told nothing of a death has to find. */
  void checkWhole() {
    if (get(HOLDER) != 0 || get(LEFT) != get(RIGHT)) {
      throw new AssertionError(
          "acquired, and found thread "
              + get(HOLDER)
              + " inside, left "
              + get(LEFT)
              + ", right "
              + get(RIGHT)
              + ": either it is inside, or it died and nobody was told");
    }
  }

  private int get(int field) {
    return bytes.getInt(at + field);
  }

  private void store(int field, int value) {
    CrashPoint.at(STEP, bytes).putInt(at + field, value);
  }
}
