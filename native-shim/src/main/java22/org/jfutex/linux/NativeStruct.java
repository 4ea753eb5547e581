// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A C struct that somebody else keeps at an address.
 *
 * <p>One constant segment of all memory: the JIT knows its bounds and its life, so an access is one instruction. A
 * buffer over a segment would ask its arena each time whether it is still alive, which doubles the cost of a lock.
 */
abstract class NativeStruct {
  @SuppressWarnings("restricted")
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private final long address;

  NativeStruct(long address, int bytes) {
    this.address = address;
  }

  /** Where it is. */
  protected final long address() {
    return address;
  }

  final long getLong(int field) {
    return (long) LONG.get(MEMORY, address + field);
  }

  final void setLong(int field, long value) {
    LONG.set(MEMORY, address + field, value);
  }

  final void setLongRelease(int field, long value) {
    LONG.setRelease(MEMORY, address + field, value);
  }
}
