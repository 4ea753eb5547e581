// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * The mutexes of a scene, and what they guard.
 *
 * <pre>
 *     0  three mutexes, 64 bytes apart
 *   192  a condition of the first
 *   256  what each mutex guards, 64 bytes apart
 *   448  what the condition is about
 * </pre>
 */
final class MutexStage {
  static final int CONDITION = 192;
  static final int NOT_RECOVERABLE = 0x7ffffffe;

  private static final int SPACING = 64;
  private static final int OWNER = 8; // of a mutex
  private static final int DATA = 256;
  private static final int TOKENS = 448;

  /** 1: the dying victim owned a mutex that does not say so. */
  static final int OWNED = CrashStage.OWN;

  final CrashStage stage;
  final MutexKind kind;

  MutexStage(CrashStage stage, MutexKind kind) {
    this.stage = stage;
    this.kind = kind;
  }

  /** A mutex of the caller alone, as each process has its own. */
  SharedMutex mutex(int number, Recovery recovery) {
    return SharedMutex.at(stage.memory, lockOf(number), kind, recovery);
  }

  SharedCondition condition(SharedMutex mutex) {
    return SharedCondition.at(stage.memory, CONDITION, mutex);
  }

  CrashData data(int number) {
    return stage.data(DATA + number * SPACING);
  }

  static int lockOf(int number) {
    return number * SPACING;
  }

  static int ownerOf(int number) {
    return lockOf(number) + OWNER;
  }

  void freeByHand() {
    stage.set(ownerOf(0), 0);
    FutexWord word = stage.memory.word(lockOf(0));
    word.setVolatile(0);
  }

  /** What waiters of the condition wait for; by the owner of the first mutex. */
  int tokens() {
    return stage.get(TOKENS);
  }

  void setTokens(int tokens) {
    CrashPoint.at("data", stage).set(TOKENS, tokens);
  }

  /** The thread that a word names, of a kind whose words do. */
  static int tidIn(int word) {
    return word & LinuxAbi.FUTEX_TID_MASK;
  }

  static boolean ownerDied(int word) {
    return (word & LinuxAbi.FUTEX_OWNER_DIED) != 0;
  }

  /** Neither its word nor the kernel tells that an owner died. */
  boolean isPlain() {
    return !kind.robust() && !kind.priorityInheritance();
  }
}
