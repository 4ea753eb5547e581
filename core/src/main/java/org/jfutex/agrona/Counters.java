// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.jfutex.memory.MappedMemory;

/**
 * Fields of 8 bytes as Agrona's counters. The bounds of one are checked when it is made and not each time, which is
 * most of what an access costs, and of the code that the JIT has to inline where a message is written.
 */
final class Counters {
  private Counters() {}

  static AtomicCounter at(MappedMemory memory, long offset) {
    int start = memory.checkSlot(offset, Long.BYTES);
    return at(new UnsafeBuffer(memory.buffer()), start);
  }

  static AtomicCounter at(UnsafeBuffer buffer, int index) {
    return new AtomicCounter(new UnsafeBuffer(buffer, index, Long.BYTES), 0);
  }
}
