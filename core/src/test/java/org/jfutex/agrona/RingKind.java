// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jfutex.memory.MappedMemory;

/** The two ring buffers that tests run with. */
enum RingKind {
  ONE_TO_ONE,
  MANY_TO_ONE;

  static MappedMemory memory(Path file, int capacity) {
    try {
      return MappedMemory.openOrCreate(file, BlockingRingBuffer.bytes(capacity));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BlockingRingBuffer at(MappedMemory memory, int capacity) {
    return this == ONE_TO_ONE
        ? BlockingRingBuffer.oneToOne(memory, 0, capacity)
        : BlockingRingBuffer.manyToOne(memory, 0, capacity);
  }

  /** With bytes of the test's own. */
  BlockingRingBuffer at(MappedMemory memory, int capacity, RingBytes bytes) {
    return this == ONE_TO_ONE
        ? BlockingRingBuffer.oneToOne(memory, 0, capacity, bytes)
        : BlockingRingBuffer.manyToOne(memory, 0, capacity, bytes);
  }

  RingKind other() {
    return this == ONE_TO_ONE ? MANY_TO_ONE : ONE_TO_ONE;
  }

  int producersMax() {
    return this == ONE_TO_ONE ? 1 : BlockingRingBuffer.PRODUCERS_MAX;
  }
}
