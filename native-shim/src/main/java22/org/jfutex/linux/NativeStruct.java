// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A C struct that somebody else keeps at an address.
 *
 * <p>As in {@link Cells}, one constant segment of all memory: the JIT knows its bounds and its life, so an access is
 * one instruction. A buffer over a segment would ask its arena each time whether it is still alive.
 */
abstract class NativeStruct {
  @SuppressWarnings("restricted")
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle PLAIN = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

  private final long base;

  NativeStruct(long address, int bytes) {
    base = Cells.base(address);
    if (base == Cells.NONE) {
      throw new UnsupportedOperationException(
          "found a struct at address 0x" + Long.toHexString(address) + ", expected 48 bits");
    }
  }

  /** Where it is. */
  protected final long address() {
    return Cells.address(base);
  }

  final long getLong(int field) {
    return (long) PLAIN.get(MEMORY, address() + field);
  }

  final void setLong(int field, long value) {
    PLAIN.set(MEMORY, address() + field, value);
  }

  final void setLongRelease(int field, long value) {
    LONG.setRelease(MEMORY, address() + field, value);
  }
}
