// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A futex word: 4 aligned bytes of {@link MappedMemory}, in the machine's byte order, as C's {@code _Atomic uint32_t}.
 *
 * <p>Every access names its memory order. It is a VarHandle on the mapping: no native call, no lock, no allocation.
 * Each throws {@link ClosedMemoryException} after the memory was closed, {@link TruncatedMemoryException} where the
 * JVM could tell that the page is gone, and, if it writes, {@link ReadOnlyMemoryException} on a read-only mapping.
 *
 * <p>A compare-and-set reads first: a read of a page that somebody truncated away can be turned into an exception, a
 * read-modify-write in the interpreter of JDK 17 cannot.
 */
public final class FutexWord {
  /** The size of a word. */
  public static final int BYTES = Integer.BYTES;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final MappedMemory memory;
  private final ByteBuffer buffer;
  private final int index;
  private final long address;
  private final FutexKey key;

  FutexWord(MappedMemory memory, ByteBuffer buffer, int index, long address, FutexKey key) {
    this.memory = memory;
    this.buffer = buffer;
    this.index = index;
    this.address = address;
    this.key = key;
  }

  /** The memory that this word lies in. */
  public MappedMemory memory() {
    return memory;
  }

  /** The offset in the memory, in bytes. */
  public int offset() {
    return index;
  }

  /** The address in this process: valid, also after a close, as long as this word is reachable. */
  public long address() {
    return address;
  }

  /** What names this futex. */
  public FutexKey key() {
    return key;
  }

  /** Reads; everything before the write that is read happened before. */
  public int getVolatile() {
    memory.checkOpen();
    try {
      return (int) INT.getVolatile(buffer, index);
    } catch (InternalError e) {
      throw memory.fault(index, e);
    }
  }

  /** Writes; sequentially consistent. */
  public void setVolatile(int value) {
    memory.checkOpen();
    checkWritable();
    INT.setVolatile(buffer, index, value);
  }

  /** Writes; what this thread did before is seen by who reads the value. */
  public void setRelease(int value) {
    memory.checkOpen();
    checkWritable();
    INT.setRelease(buffer, index, value);
  }

  /** Changes {@code expected} to {@code value} if it is there; sequentially consistent. */
  public boolean compareAndSet(int expected, int value) {
    return getVolatile() == expected
        && writable() // not a check that throws on a mere mismatch
        && INT.compareAndSet(buffer, index, expected, value);
  }

  /** Changes the value and returns the one before; sequentially consistent. */
  public int getAndSet(int value) {
    memory.checkOpen();
    checkWritable();
    return (int) INT.getAndSet(buffer, index, value);
  }

  /** Adds and returns the value before; sequentially consistent. */
  public int getAndAdd(int delta) {
    memory.checkOpen();
    checkWritable();
    return (int) INT.getAndAdd(buffer, index, delta);
  }

  private boolean writable() {
    checkWritable();
    return true;
  }

  private void checkWritable() {
    if (buffer.isReadOnly()) {
      throw new ReadOnlyMemoryException(this);
    }
  }

  @Override
  public String toString() {
    return "word at offset " + index + " of " + memory;
  }
}
