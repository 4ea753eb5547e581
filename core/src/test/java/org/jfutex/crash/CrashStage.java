// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jfutex.memory.MappedMemory;

/**
 * The memory that a victim shares with those who survive it.
 *
 * <pre>
 *      0  what the scene is about, and what it guards; zeros at the beginning
 *   2048  signals between the two sides; no lock guards them
 *   2304  before which step the victim died, in words
 *   4096  what the scene is about, as it was at the death
 * </pre>
 */
final class CrashStage {
  /** The scene's own. */
  static final int SCENE_BYTES = 2048;

  private static final int BYTES = 8192;

  static final int VICTIM_TID = 2048;
  static final int PHASE = 2052; // how far the victim is, where it waits for GO
  static final int GO = 2056;
  static final int DYING = 2060; // 1 before what there is at the death is copied, 2 after
  static final int DONE = 2064; // 1: the victim came to the end, 2: it failed

  /** Whether the dying victim waits for a third to barge in. */
  static final int BARGE = 2068;

  static final int BARGE_WANTED = 1; // a third is there
  static final int BARGE_NOW = 2; // the victim is about to die
  static final int BARGE_TRIED = 3;

  /** A word that the scene has for itself. */
  static final int OWN = 2072;

  private static final int STEP = 2304;
  private static final int STEP_BYTES = 64;
  private static final int AT_DEATH = 4096;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  final MappedMemory memory;

  /** The file of the memory; others of a scene lie beside it. */
  final Path path;

  private final ByteBuffer bytes;

  CrashStage(MappedMemory memory, Path path) {
    this.memory = memory;
    this.path = path;
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

  /** A word of the scene, as it was at the death. */
  int atDeath(int offset) {
    return get(AT_DEATH + offset);
  }

  /** What a lock of the scene guards, at an offset. */
  CrashData data(int offset) {
    return new CrashData(bytes, offset);
  }

  /** What is known when the victim is about to die; it writes it itself. */
  void writeLastWords(String step) {
    byte[] text = step.getBytes(StandardCharsets.US_ASCII);
    bytes.put(STEP, text, 0, Math.min(text.length, STEP_BYTES));
    set(DYING, 1);
    for (int i = 0; i < SCENE_BYTES; i += Integer.BYTES) {
      set(AT_DEATH + i, get(i));
    }
    set(DYING, 2);
  }

  /** Whether the victim died before a change of the primitive's own fields: it did not do that any more. */
  boolean diedBeforeChange() {
    return lastStep().startsWith("Cells.");
  }

  private String lastStep() {
    byte[] text = new byte[STEP_BYTES];
    bytes.get(STEP, text);
    return new String(text, StandardCharsets.US_ASCII).trim();
  }

  /** For the message of a test that failed. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("death of " + get(VICTIM_TID));
    text.append(" before ").append(lastStep()).append(", words then and now:");
    for (int i = 0; i < SCENE_BYTES; i += Integer.BYTES) {
      if (atDeath(i) != 0 || get(i) != 0) {
        text.append(String.format(" %d: %x %x,", i, atDeath(i), get(i)));
      }
    }
    return text.toString();
  }
}
