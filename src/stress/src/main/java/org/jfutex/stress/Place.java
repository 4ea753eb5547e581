// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jfutex.memory.MappedMemory;

/**
 * Where one state of a test lies in a mapped file: two words of the test's own, and room for a primitive. Places are
 * dealt out in turns, for a state is made a million times a second, and a mapping is not.
 */
final class Place {
  private static final int PRIMITIVE = 64;
  private static final int BYTES = 1024;

  /** More than are in use at a time: a stride's, and those that are being made for the next. */
  private static final int COUNT = 1 << 14;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private static final MappedMemory MEMORY = map();
  private static final ByteBuffer BUFFER = MEMORY.buffer();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final int offset;

  /** All zeros. */
  Place() {
    offset = Math.floorMod(NEXT.getAndIncrement(), COUNT) * BYTES;
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      BUFFER.putLong(offset + i, 0);
    }
  }

  private static MappedMemory map() {
    try {
      Path file = Files.createTempFile(Path.of("/dev/shm"), "jfutex-stress-", "");
      Files.delete(file);
      try {
        return MappedMemory.create(file, (long) COUNT * BYTES);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MappedMemory memory() {
    return MEMORY;
  }

  /** Of the primitive. */
  int offset() {
    return offset + PRIMITIVE;
  }

  private int at(int word) {
    return offset + word * Integer.BYTES;
  }

  int getPlain(int word) {
    return (int) INT.get(BUFFER, at(word));
  }

  void setPlain(int word, int value) {
    INT.set(BUFFER, at(word), value);
  }

  int getOpaque(int word) {
    return (int) INT.getOpaque(BUFFER, at(word));
  }

  int getAcquire(int word) {
    return (int) INT.getAcquire(BUFFER, at(word));
  }

  void setRelease(int word, int value) {
    INT.setRelease(BUFFER, at(word), value);
  }

  boolean compareAndSet(int word, int expected, int value) {
    return INT.compareAndSet(BUFFER, at(word), expected, value);
  }

  /** As whatever wants to lose an update does it. */
  int incrementPlain(int word) {
    int value = getPlain(word) + 1;
    setPlain(word, value);
    return value;
  }
}
