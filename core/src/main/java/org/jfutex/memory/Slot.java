// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jfutex.linux.Cells;

/**
 * The fields of one primitive in {@link MappedMemory}; the primitive extends it, so that a fast path reaches its fields
 * in one step. Each access names its memory order. A slot is aligned to 8 bytes and checked once, when it is made; its
 * fields are offsets from its start, in bytes, aligned to their own size. They are not checked again: one that does not
 * lie in the slot reads and writes what lies there, so it is a constant, or comes from what the slot's size comes from.
 *
 * <p>No access looks whether the memory was closed, so that what was begun can be ended: {@link #checkOpen} does, where
 * something begins. A read-modify-write reads first, for the reason that {@link FutexWord} gives.
 */
public abstract class Slot {
  /** What a slot begins at a multiple of. */
  public static final int ALIGNMENT = Long.BYTES;

  private final MappedMemory memory;
  private final ByteBuffer buffer;
  private final int start;
  private final long address;
  private final long base;

  /**
   * The slot that begins at an offset.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @param bytes how many the fields take
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory
   * @throws ReadOnlyMemoryException on a read-only mapping
   */
  protected Slot(MappedMemory memory, long offset, int bytes) {
    this.memory = memory;
    this.start = memory.checkSlot(offset, bytes);
    this.buffer = memory.slots();
    if (buffer.isReadOnly()) {
      throw new ReadOnlyMemoryException("what is at offset " + offset + " of " + memory);
    }
    this.address = memory.addressOf(start);
    this.base = memory.baseOf(start);
  }

  /**
   * Throws unless the memory can be used.
   *
   * @throws ClosedMemoryException after it was closed
   */
  protected final void checkOpen() {
    memory.checkOpen();
  }

  /** The address in this process: valid as long as this slot is reachable. */
  protected final long address() {
    return address;
  }

  /** Reads 4 bytes; no order. */
  protected final int getPlain(int field) {
    try {
      return Cells.getInt(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Reads 4 bytes, anew each time; no order. */
  protected final int getOpaque(int field) {
    try {
      return Cells.getIntOpaque(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Reads 4 bytes; everything before the write that is read happened before. */
  protected final int getVolatile(int field) {
    try {
      return Cells.getIntVolatile(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /**
   * Reads 4 bytes at each of several places, and returns the bits that are in any of them. The first is read as by
   * {@link #getVolatile}, so after what this thread wrote before by a compare-and-set, and the others after that;
   * everything before the writes that are read happened before.
   *
   * @param places at least 1
   * @param stride from one place to the next, in bytes
   */
  protected final int getBits(int first, int places, int stride) {
    try {
      int bits = Cells.getIntVolatile(buffer, start, base, first);
      bits |= Cells.getIntBits(buffer, start, base, first + stride, places - 1, stride);
      VarHandle.acquireFence();
      return bits;
    } catch (InternalError e) {
      // Which of them is unknown; but a file is truncated from its end on, so the last one is gone
      // for certain.
      throw memory.fault(start + first + (places - 1) * stride, e);
    }
  }

  /** Writes 4 bytes; no order. */
  protected final void setPlain(int field, int value) {
    try {
      Cells.setInt(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Writes 4 bytes, before everything that this thread writes after. */
  protected final void setBeforeStores(int field, int value) {
    try {
      Cells.setInt(buffer, start, base, field, value);
      VarHandle.storeStoreFence();
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Writes 4 bytes, after everything that this thread wrote before. */
  protected final void setRelease(int field, int value) {
    try {
      Cells.setIntRelease(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Changes {@code expected} to {@code value} if it is there; sequentially consistent. */
  protected final boolean compareAndSet(int field, int expected, int value) {
    try {
      getPlain(field);
      return Cells.compareAndSetInt(buffer, start, base, field, expected, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** As {@link #compareAndSet(int, int, int)}, and returns the value before. */
  protected final int compareAndExchange(int field, int expected, int value) {
    try {
      getPlain(field);
      return Cells.compareAndExchangeInt(buffer, start, base, field, expected, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Changes the value and returns the one before; sequentially consistent. */
  protected final int getAndSet(int field, int value) {
    try {
      getPlain(field);
      return Cells.getAndSetInt(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Adds and returns the value before; sequentially consistent. */
  protected final int getAndAdd(int field, int delta) {
    try {
      getPlain(field);
      return Cells.getAndAddInt(buffer, start, base, field, delta);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Clears the bits that are not in a mask and returns the value before; sequentially consistent. */
  protected final int getAndBitwiseAnd(int field, int mask) {
    try {
      getPlain(field);
      return Cells.getAndBitwiseAndInt(buffer, start, base, field, mask);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /**
   * Stores a parameter of the primitive in zeros, by one compare-and-set: all who come agree on it.
   *
   * @param bits which of the field's are the parameter
   * @param name of the parameter, for people
   * @throws IllegalArgumentException if there is another
   */
  protected final void agree(int field, int bits, int value, String name) {
    if (!compareAndSet(field, 0, value) && (getVolatile(field) & bits) != value) {
      throw new IllegalArgumentException(
          "found "
              + name
              + " "
              + Integer.toUnsignedString(getVolatile(field) & bits)
              + " at offset "
              + start
              + " of "
              + memory
              + ", expected "
              + value
              + "; all who use it name the same");
    }
  }

  /**
   * As {@link #compareAndSet(int, int, int)}, and if it changed the value writes {@code low} into the first 4 bytes of
   * a pair, and adds to the second 4; no order. One method, because every access through a field of this object that
   * comes after a locked instruction waits for that field.
   */
  protected final boolean compareAndSet(
      int field, int expected, int value, int pair, int low, int highDelta) {
    ByteBuffer to = buffer;
    int at = start;
    long from = base;
    try {
      Cells.getInt(to, at, from, field);
      if (!Cells.compareAndSetInt(to, at, from, field, expected, value)) {
        return false;
      }
      Cells.setLong(
          to, at, from, pair, withHalves(Cells.getLong(to, at, from, pair), low, highDelta));
      return true;
    } catch (InternalError e) {
      throw memory.fault(at + field, e);
    }
  }

  /** The mirror image: writes the pair, then as {@link #getAndSet(int, int)}, for which that is the read before. */
  protected final int getAndSet(int field, int value, int pair, int low, int highDelta) {
    ByteBuffer to = buffer;
    int at = start;
    long from = base;
    try {
      Cells.setLong(
          to, at, from, pair, withHalves(Cells.getLong(to, at, from, pair), low, highDelta));
      return Cells.getAndSetInt(to, at, from, field, value);
    } catch (InternalError e) {
      throw memory.fault(at + field, e);
    }
  }

  /** Of 8 bytes that are two ints in the order of their addresses, on a little-endian machine. */
  protected static long withHalves(long pair, int low, int highDelta) {
    return ((pair >>> Integer.SIZE) + highDelta) << Integer.SIZE | low;
  }

  /** Reads 8 bytes; no order. */
  protected final long getLongPlain(int field) {
    try {
      return Cells.getLong(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Reads 8 bytes, anew each time; no order. */
  protected final long getLongOpaque(int field) {
    try {
      return Cells.getLongOpaque(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Reads 8 bytes; everything before the write that is read happened before. */
  protected final long getLongVolatile(int field) {
    try {
      return Cells.getLongVolatile(buffer, start, base, field);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Changes 8 bytes that are {@code expected} to {@code value}; sequentially consistent. */
  protected final boolean compareAndSetLong(int field, long expected, long value) {
    try {
      getLongPlain(field);
      return Cells.compareAndSetLong(buffer, start, base, field, expected, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Changes 8 bytes and returns those before; sequentially consistent. */
  protected final long getAndSetLong(int field, long value) {
    try {
      getLongPlain(field);
      return Cells.getAndSetLong(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Adds to 8 bytes and returns those before; sequentially consistent. */
  protected final long getAndAddLong(int field, long delta) {
    try {
      getLongPlain(field);
      return Cells.getAndAddLong(buffer, start, base, field, delta);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /**
   * Adds to 8 bytes if the int in their first 4 is from {@code least} to {@code most}, and returns those before;
   * sequentially consistent if it added. One method, for the reason given above.
   *
   * @param likely what they are most likely: if they are, they are not read before they are changed
   */
  protected final long getAndAddLongIf(int field, long likely, int least, int most, long delta) {
    ByteBuffer to = buffer;
    int at = start;
    long from = base;
    try {
      Cells.getLong(to, at, from, field);
      long before =
          isWithin((int) likely, least, most)
              ? Cells.compareAndExchangeLong(to, at, from, field, likely, likely + delta)
              : Cells.getLongOpaque(to, at, from, field);
      if (before == likely) {
        return before;
      }
      while (isWithin((int) before, least, most)
          && !Cells.compareAndSetLong(to, at, from, field, before, before + delta)) {
        before = Cells.getLongOpaque(to, at, from, field);
      }
      return before;
    } catch (InternalError e) {
      throw memory.fault(at + field, e);
    }
  }

  private static boolean isWithin(int value, int least, int most) {
    return value >= least && value <= most;
  }

  /** Writes 8 bytes; no order. */
  protected final void setLongPlain(int field, long value) {
    try {
      Cells.setLong(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }

  /** Writes 8 bytes, after everything that this thread wrote before. */
  protected final void setLongRelease(int field, long value) {
    try {
      Cells.setLongRelease(buffer, start, base, field, value);
    } catch (InternalError e) {
      throw memory.fault(start + field, e);
    }
  }
}
