// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The fields of one primitive in {@link MappedMemory}, beside its {@link FutexWord}: written by whoever holds the
 * primitive, read by anybody who is curious. Each access names its memory order. A slot is aligned to 8 bytes and
 * checked once, when it is made; its fields are offsets from its start, in bytes.
 *
 * <p>Fields can be used after a close as well, so that what was begun on the word can be ended.
 */
public final class Slot {
  /** What a slot begins at a multiple of. */
  public static final int ALIGNMENT = Long.BYTES;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer buffer;
  private final int start;
  private final long address;

  Slot(ByteBuffer buffer, int start, long address) {
    this.buffer = buffer;
    this.start = start;
    this.address = address;
  }

  /** The address in this process: valid as long as this slot is reachable. */
  public long address() {
    return address;
  }

  /** Reads 4 bytes, whole; no order. */
  public int getInt(int field) {
    return (int) INT.getOpaque(buffer, start + field);
  }

  /** Writes 4 bytes, whole; no order. */
  public void setInt(int field, int value) {
    INT.setOpaque(buffer, start + field, value);
  }

  /** Reads 8 bytes, whole; no order. */
  public long getLong(int field) {
    return (long) LONG.getOpaque(buffer, start + field);
  }

  /** Writes 8 bytes, whole, after everything that this thread wrote before. */
  public void setLongRelease(int field, long value) {
    LONG.setRelease(buffer, start + field, value);
  }
}
