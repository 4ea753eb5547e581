// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A futex word: 4 aligned bytes of {@link MappedMemory}, in the machine's byte order, as C's {@code _Atomic uint32_t}.
 *
 * <p>Every access names its memory order. It is a VarHandle on the mapping: no native call, no lock, no allocation.
 * Each throws {@link ClosedMemoryException} after the memory was closed and, if it writes, {@link
 * ReadOnlyMemoryException} on a read-only mapping.
 *
 * <p>A page that somebody truncated away gives a {@link TruncatedMemoryException}, or the JVM's own {@link
 * InternalError} where that is thrown late: by JDK 17, and by compiled code. Every write reads first, because a
 * read-modify-write of such a page in the interpreter of JDK 17 would end the process. Compiled code may drop the read;
 * there the write itself faults safely.
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

  // Of the key; every operation asks.
  private final int keyHash;
  private final boolean shared;

  FutexWord(MappedMemory memory, ByteBuffer buffer, int index, long address, FutexKey key) {
    this.memory = memory;
    this.buffer = buffer;
    this.index = index;
    this.address = address;
    this.key = key;
    this.keyHash = key.hashCode();
    this.shared = key.kind().isShared();
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

  /** The hash code of the key. */
  public int keyHash() {
    return keyHash;
  }

  /** Whether both are one futex: their keys are equal. */
  public boolean isSameFutex(FutexWord other) {
    Objects.requireNonNull(other, "other");
    return this == other || keyHash == other.keyHash && key.equals(other.key);
  }

  /** Whether the kernel is asked with the shared form of an operation; see {@link KeyKind}. */
  public boolean isShared() {
    return shared;
  }

  /** The word so many bytes further on in the same memory, shared or private as this one is. */
  public FutexWord plus(int bytes) {
    return key.kind() == KeyKind.PRIVATE
        ? memory.privateWord(index + bytes)
        : memory.word(index + bytes);
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

  /** As {@link #getVolatile}, also after a close; for those who release the ones that still wait. */
  public int getEvenIfClosed() {
    return (int) INT.getVolatile(buffer, index);
  }

  /** Writes; sequentially consistent. */
  public void setVolatile(int value) {
    prepareWrite();
    INT.setVolatile(buffer, index, value);
  }

  /** Writes; what this thread did before is seen by who reads the value. */
  public void setRelease(int value) {
    prepareWrite();
    INT.setRelease(buffer, index, value);
  }

  /** Changes {@code expected} to {@code value} if it is there; sequentially consistent. */
  public boolean compareAndSet(int expected, int value) {
    try {
      if (getVolatile() != expected) {
        return false;
      }
      checkWritable();
      return INT.compareAndSet(buffer, index, expected, value);
    } catch (InternalError e) {
      throw memory.fault(index, e);
    }
  }

  /** Changes the value and returns the one before; sequentially consistent. */
  public int getAndSet(int value) {
    prepareWrite();
    return (int) INT.getAndSet(buffer, index, value);
  }

  /** Sets the bits of a mask and returns the value before; sequentially consistent. */
  public int getAndBitwiseOr(int mask) {
    prepareWrite();
    return (int) INT.getAndBitwiseOr(buffer, index, mask);
  }

  /** Clears the bits that are not in a mask and returns the value before; sequentially consistent. */
  public int getAndBitwiseAnd(int mask) {
    prepareWrite();
    return (int) INT.getAndBitwiseAnd(buffer, index, mask);
  }

  /** Adds and returns the value before; sequentially consistent. */
  public int getAndAdd(int delta) {
    prepareWrite();
    return (int) INT.getAndAdd(buffer, index, delta);
  }

  private void prepareWrite() {
    getVolatile();
    checkWritable();
  }

  /**
   * Throws unless the word can be changed.
   *
   * @throws ReadOnlyMemoryException on a read-only mapping
   */
  public void checkWritable() {
    if (buffer.isReadOnly()) {
      throw new ReadOnlyMemoryException(this);
    }
  }

  @Override
  public String toString() {
    return "word at offset " + index + " of " + memory;
  }
}
