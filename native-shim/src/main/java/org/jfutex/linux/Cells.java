// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Accesses of 4 and 8 bytes of a direct buffer, in the machine's byte order. Each is named as the access mode of {@link
 * VarHandle} that it is; where: at {@code field} bytes from {@code start}, an index of the buffer, whose {@link #base}
 * is {@code base}. On JDK 22 or newer another class of this name takes its place, which can do without the buffer.
 */
@SuppressWarnings("checkstyle:MissingJavadocMethod") // see above
public final class Cells {
  /** The base of what is reached through its buffer. */
  public static final long NONE = 0;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private Cells() {}

  /**
   * What stands for an index of the buffer, which nobody unmaps while it is reachable; or {@link #NONE}: both do for an
   * access. Fields accessed by it are not checked: they lie inside the buffer.
   */
  public static long base(ByteBuffer buffer, int start) {
    return NONE;
  }

  public static int getInt(ByteBuffer buffer, int start, long base, int field) {
    return (int) INT.get(buffer, start + field);
  }

  /** The bits that are in any of several ints, each {@code stride} bytes after the one before. */
  public static int getIntBits(
      ByteBuffer buffer, int start, long base, int field, int count, int stride) {
    int bits = 0;
    for (int i = 0; i < count; i++) {
      bits |= (int) INT.get(buffer, start + field + i * stride);
    }
    return bits;
  }

  public static int getIntOpaque(ByteBuffer buffer, int start, long base, int field) {
    return (int) INT.getOpaque(buffer, start + field);
  }

  public static int getIntVolatile(ByteBuffer buffer, int start, long base, int field) {
    return (int) INT.getVolatile(buffer, start + field);
  }

  public static void setInt(ByteBuffer buffer, int start, long base, int field, int value) {
    INT.set(buffer, start + field, value);
  }

  public static void setIntRelease(ByteBuffer buffer, int start, long base, int field, int value) {
    INT.setRelease(buffer, start + field, value);
  }

  public static boolean compareAndSetInt(
      ByteBuffer buffer, int start, long base, int field, int expected, int value) {
    return INT.compareAndSet(buffer, start + field, expected, value);
  }

  public static int compareAndExchangeInt(
      ByteBuffer buffer, int start, long base, int field, int expected, int value) {
    return (int) INT.compareAndExchange(buffer, start + field, expected, value);
  }

  public static int getAndSetInt(ByteBuffer buffer, int start, long base, int field, int value) {
    return (int) INT.getAndSet(buffer, start + field, value);
  }

  public static int getAndAddInt(ByteBuffer buffer, int start, long base, int field, int delta) {
    return (int) INT.getAndAdd(buffer, start + field, delta);
  }

  public static int getAndBitwiseAndInt(
      ByteBuffer buffer, int start, long base, int field, int mask) {
    return (int) INT.getAndBitwiseAnd(buffer, start + field, mask);
  }

  public static long getLong(ByteBuffer buffer, int start, long base, int field) {
    return (long) LONG.get(buffer, start + field);
  }

  public static long getLongOpaque(ByteBuffer buffer, int start, long base, int field) {
    return (long) LONG.getOpaque(buffer, start + field);
  }

  public static long getLongVolatile(ByteBuffer buffer, int start, long base, int field) {
    return (long) LONG.getVolatile(buffer, start + field);
  }

  public static void setLong(ByteBuffer buffer, int start, long base, int field, long value) {
    LONG.set(buffer, start + field, value);
  }

  public static void setLongRelease(
      ByteBuffer buffer, int start, long base, int field, long value) {
    LONG.setRelease(buffer, start + field, value);
  }

  public static boolean compareAndSetLong(
      ByteBuffer buffer, int start, long base, int field, long expected, long value) {
    return LONG.compareAndSet(buffer, start + field, expected, value);
  }

  public static long compareAndExchangeLong(
      ByteBuffer buffer, int start, long base, int field, long expected, long value) {
    return (long) LONG.compareAndExchange(buffer, start + field, expected, value);
  }

  public static long getAndSetLong(ByteBuffer buffer, int start, long base, int field, long value) {
    return (long) LONG.getAndSet(buffer, start + field, value);
  }

  public static long getAndAddLong(ByteBuffer buffer, int start, long base, int field, long delta) {
    return (long) LONG.getAndAdd(buffer, start + field, delta);
  }
}
