// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * The memory that a victim shares with those who survive it.
 *
 * <pre>
 *     0  three mutexes, 64 bytes apart
 *   192  a condition of the first
 *   256  what each mutex guards, 64 bytes apart: holder, left, right, tokens
 *   512  signals between the two sides; no lock guards them
 *   640  before which step the victim died, in words
 * </pre>
 */
final class CrashStage {
  static final int BYTES = 4096;
  static final int LOCK = 0;
  static final int OWNER = 8;
  static final int NOT_RECOVERABLE = 0x7ffffffe;
  static final int CONDITION = 192;

  private static final int DATA = 256;
  private static final int HOLDER = DATA; // who is inside, 0 for nobody: left set by who died there
  private static final int LEFT = DATA + 4;
  private static final int RIGHT = DATA + 8; // equal to LEFT unless somebody is inside
  private static final int TOKENS = DATA + 12; // what the condition is about
  private static final int SPACING = 64;

  static final int VICTIM_TID = 512;
  static final int PHASE = 516; // how far the victim is, where it waits for GO
  static final int GO = 520;
  static final int DYING = 524; // 1 before the words below are read, 2 after
  static final int BARGE = 528; // 1: the dying victim waits for a third to barge in; 2: it tried
  static final int DONE = 532; // 1: the victim came to the end, 2: it failed
  static final int OWNED = 536; // 1: the dying victim owned a mutex that does not say so
  static final int LAST_LOCK = 576; // at the death, for each mutex: the word and the owner field
  static final int LAST_OWNER = LAST_LOCK + 4;
  static final int LAST_SPACING = 8;
  private static final int STEP = 640;
  private static final int STEP_BYTES = 64;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  final MappedMemory memory;
  final MutexKind kind;
  private final ByteBuffer bytes;

  CrashStage(MappedMemory memory, MutexKind kind) {
    this.memory = memory;
    this.kind = kind;
    bytes = memory.buffer();
  }

  /** Nothing happened yet. */
  void clear() {
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      bytes.putLong(i, 0);
    }
  }

  int get(int cell) {
    return (int) INT.getVolatile(bytes, cell);
  }

  void set(int cell, int value) {
    INT.setVolatile(bytes, cell, value);
  }

  /** A mutex of the caller alone, as each process has its own. */
  SharedMutex mutex(int number, Recovery recovery) {
    return SharedMutex.at(memory, (long) number * SPACING, kind, recovery);
  }

  SharedCondition condition(SharedMutex mutex) {
    return SharedCondition.at(memory, CONDITION, mutex);
  }

  static int lockOf(int number) {
    return LOCK + number * SPACING;
  }

  /** What the owner of a mutex does: each store may be the last. */
  void work(int number, int tid) {
    int at = number * SPACING;
    CrashPoint.at("data", bytes).putInt(HOLDER + at, tid);
    CrashPoint.at("data", bytes).putInt(LEFT + at, bytes.getInt(LEFT + at) + 1);
    CrashPoint.at("data", bytes).putInt(RIGHT + at, bytes.getInt(RIGHT + at) + 1);
    CrashPoint.at("data", bytes).putInt(HOLDER + at, 0);
  }

  /** As far as somebody comes who dies inside. */
  void beginWork(int number, int tid) {
    bytes.putInt(HOLDER + number * SPACING, tid);
    bytes.putInt(LEFT + number * SPACING, bytes.getInt(LEFT + number * SPACING) + 1);
  }

  /** Makes what a mutex guards whole, after its owner died. */
  void repair(int number) {
    int at = number * SPACING;
    CrashPoint.at("data", bytes).putInt(RIGHT + at, bytes.getInt(LEFT + at));
    CrashPoint.at("data", bytes).putInt(HOLDER + at, 0);
  }

  /** What waiters of the condition wait for; by the owner of the first mutex. */
  int tokens() {
    return bytes.getInt(TOKENS);
  }

  void setTokens(int tokens) {
    CrashPoint.at("data", bytes).putInt(TOKENS, tokens);
  }

  /** What who was told nothing of a death has to find. */
  void checkWhole(int number) {
    int at = number * SPACING;
    int holder = bytes.getInt(HOLDER + at);
    int left = bytes.getInt(LEFT + at);
    int right = bytes.getInt(RIGHT + at);
    if (holder != 0 || left != right) {
      throw new AssertionError(
          "acquired, and found thread "
              + holder
              + " inside, left "
              + left
              + ", right "
              + right
              + ": either it is inside, or it died and nobody was told");
    }
  }

  /** What is known when the victim is about to die; it writes it itself. */
  void writeLastWords(String step) {
    byte[] text = step.getBytes(StandardCharsets.US_ASCII);
    bytes.put(STEP, text, 0, Math.min(text.length, STEP_BYTES));
    set(DYING, 1);
    for (int number = 0; number < CrashScene.MUTEXES; number++) {
      set(LAST_LOCK + number * LAST_SPACING, get(lockOf(number)));
      set(LAST_OWNER + number * LAST_SPACING, get(lockOf(number) + OWNER));
    }
    set(DYING, 2);
  }

  String lastStep() {
    byte[] text = new byte[STEP_BYTES];
    bytes.get(STEP, text);
    return new String(text, StandardCharsets.US_ASCII).trim();
  }

  /** The thread that a word names, of a kind whose words do. */
  static int tidIn(int word) {
    return word & LinuxAbi.FUTEX_TID_MASK;
  }

  static boolean ownerDied(int word) {
    return (word & LinuxAbi.FUTEX_OWNER_DIED) != 0;
  }

  boolean isPlain() {
    return !kind.robust() && !kind.priorityInheritance();
  }
}
