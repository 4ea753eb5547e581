// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Accesses of 4 and 8 bytes of a direct buffer, in the machine's byte order. Each is named as the access mode of {@link
 * VarHandle} that it is; where: at {@code field} bytes from {@code start}, an index of the buffer, whose {@link #base}
 * is {@code base}.
 *
 * <p>A view of a buffer reads its bounds, and checks them, after each barrier anew: two fifths of what it costs to take
 * a robust mutex and give it back. Whoever asked for a base has checked them, and the access is through one constant
 * segment of all memory. Where the JVM forbids that, and of what has no base, it is through the buffer.
 */
@SuppressWarnings("checkstyle:MissingJavadocMethod") // see above
public final class Cells {
  /** The base of what is reached through its buffer. */
  public static final long NONE = 0;

  private static final int ADDRESS_BITS = 48; // of a process
  private static final MemorySegment MEMORY = memory(); // null where it is forbidden
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  // These check no alignment, which is that of the slot.
  private static final VarHandle PLAIN_INT = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
  private static final VarHandle PLAIN_LONG = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

  private static final VarHandle BUFFER_INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle BUFFER_LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private Cells() {}

  @SuppressWarnings("restricted")
  private static MemorySegment memory() {
    return Cells.class.getModule().isNativeAccessEnabled()
        ? MemorySegment.NULL.reinterpret(Long.MAX_VALUE)
        : null;
  }

  /**
   * What stands for an index of the buffer, which nobody unmaps while it is reachable; or {@link #NONE}: both do for an
   * access. Fields accessed by it are not checked: they lie inside the buffer.
   */
  public static long base(ByteBuffer buffer, int start) {
    if (MEMORY == null) {
      return NONE;
    }
    long address = MemorySegment.ofBuffer(buffer).address() - buffer.position() + start;
    return base(address);
  }

  static long base(long address) {
    return address >>> ADDRESS_BITS == 0 ? address << Long.SIZE - ADDRESS_BITS : NONE;
  }

  /** From a shift the JIT sees that it is a small number, and inside of all memory without a check. */
  static long address(long base) {
    return base >>> Long.SIZE - ADDRESS_BITS;
  }

  public static int getInt(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (int) BUFFER_INT.get(buffer, start + field);
    }
    int result = (int) PLAIN_INT.get(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  /** The bits that are in any of several ints, each {@code stride} bytes after the one before. */
  public static int getIntBits(
      ByteBuffer buffer, int start, long base, int field, int count, int stride) {
    int bits = 0;
    for (int i = 0; i < count; i++) {
      bits |=
          base == NONE
              ? (int) BUFFER_INT.get(buffer, start + field + i * stride)
              : (int) PLAIN_INT.get(MEMORY, address(base + base((long) i * stride)) + field);
    }
    Reference.reachabilityFence(buffer);
    return bits;
  }

  public static int getIntOpaque(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (int) BUFFER_INT.getOpaque(buffer, start + field);
    }
    int result = (int) INT.getOpaque(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static int getIntVolatile(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (int) BUFFER_INT.getVolatile(buffer, start + field);
    }
    int result = (int) INT.getVolatile(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static void setInt(ByteBuffer buffer, int start, long base, int field, int value) {
    if (base == NONE) {
      BUFFER_INT.set(buffer, start + field, value);
    } else {
      PLAIN_INT.set(MEMORY, address(base) + field, value);
      Reference.reachabilityFence(buffer);
    }
  }

  public static void setIntRelease(ByteBuffer buffer, int start, long base, int field, int value) {
    if (base == NONE) {
      BUFFER_INT.setRelease(buffer, start + field, value);
    } else {
      INT.setRelease(MEMORY, address(base) + field, value);
      Reference.reachabilityFence(buffer);
    }
  }

  public static boolean compareAndSetInt(
      ByteBuffer buffer, int start, long base, int field, int expected, int value) {
    if (base == NONE) {
      return BUFFER_INT.compareAndSet(buffer, start + field, expected, value);
    }
    boolean result = INT.compareAndSet(MEMORY, address(base) + field, expected, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static int compareAndExchangeInt(
      ByteBuffer buffer, int start, long base, int field, int expected, int value) {
    if (base == NONE) {
      return (int) BUFFER_INT.compareAndExchange(buffer, start + field, expected, value);
    }
    int result = (int) INT.compareAndExchange(MEMORY, address(base) + field, expected, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static int getAndSetInt(ByteBuffer buffer, int start, long base, int field, int value) {
    if (base == NONE) {
      return (int) BUFFER_INT.getAndSet(buffer, start + field, value);
    }
    int result = (int) INT.getAndSet(MEMORY, address(base) + field, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static int getAndAddInt(ByteBuffer buffer, int start, long base, int field, int delta) {
    if (base == NONE) {
      return (int) BUFFER_INT.getAndAdd(buffer, start + field, delta);
    }
    int result = (int) INT.getAndAdd(MEMORY, address(base) + field, delta);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static int getAndBitwiseAndInt(
      ByteBuffer buffer, int start, long base, int field, int mask) {
    if (base == NONE) {
      return (int) BUFFER_INT.getAndBitwiseAnd(buffer, start + field, mask);
    }
    int result = (int) INT.getAndBitwiseAnd(MEMORY, address(base) + field, mask);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long getLong(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (long) BUFFER_LONG.get(buffer, start + field);
    }
    long result = (long) PLAIN_LONG.get(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long getLongOpaque(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (long) BUFFER_LONG.getOpaque(buffer, start + field);
    }
    long result = (long) LONG.getOpaque(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long getLongVolatile(ByteBuffer buffer, int start, long base, int field) {
    if (base == NONE) {
      return (long) BUFFER_LONG.getVolatile(buffer, start + field);
    }
    long result = (long) LONG.getVolatile(MEMORY, address(base) + field);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static void setLong(ByteBuffer buffer, int start, long base, int field, long value) {
    if (base == NONE) {
      BUFFER_LONG.set(buffer, start + field, value);
    } else {
      PLAIN_LONG.set(MEMORY, address(base) + field, value);
      Reference.reachabilityFence(buffer);
    }
  }

  public static void setLongRelease(
      ByteBuffer buffer, int start, long base, int field, long value) {
    if (base == NONE) {
      BUFFER_LONG.setRelease(buffer, start + field, value);
    } else {
      LONG.setRelease(MEMORY, address(base) + field, value);
      Reference.reachabilityFence(buffer);
    }
  }

  public static boolean compareAndSetLong(
      ByteBuffer buffer, int start, long base, int field, long expected, long value) {
    if (base == NONE) {
      return BUFFER_LONG.compareAndSet(buffer, start + field, expected, value);
    }
    boolean result = LONG.compareAndSet(MEMORY, address(base) + field, expected, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long compareAndExchangeLong(
      ByteBuffer buffer, int start, long base, int field, long expected, long value) {
    if (base == NONE) {
      return (long) BUFFER_LONG.compareAndExchange(buffer, start + field, expected, value);
    }
    long result = (long) LONG.compareAndExchange(MEMORY, address(base) + field, expected, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long getAndSetLong(ByteBuffer buffer, int start, long base, int field, long value) {
    if (base == NONE) {
      return (long) BUFFER_LONG.getAndSet(buffer, start + field, value);
    }
    long result = (long) LONG.getAndSet(MEMORY, address(base) + field, value);
    Reference.reachabilityFence(buffer);
    return result;
  }

  public static long getAndAddLong(ByteBuffer buffer, int start, long base, int field, long delta) {
    if (base == NONE) {
      return (long) BUFFER_LONG.getAndAdd(buffer, start + field, delta);
    }
    long result = (long) LONG.getAndAdd(MEMORY, address(base) + field, delta);
    Reference.reachabilityFence(buffer);
    return result;
  }
}
