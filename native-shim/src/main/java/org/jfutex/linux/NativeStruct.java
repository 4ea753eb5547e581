// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A C struct that somebody else keeps at an address. On JDK 22 or newer another class of this name takes its place. */
abstract class NativeStruct {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final long address;
  private final ByteBuffer memory;

  NativeStruct(long address, int bytes) {
    this.address = address;
    memory = JnaFutexSyscalls.bufferAt(address, bytes);
  }

  /** Where it is. */
  protected final long address() {
    return address;
  }

  final long getLong(int field) {
    return (long) LONG.get(memory, field);
  }

  final void setLong(int field, long value) {
    LONG.set(memory, field, value);
  }

  final void setLongRelease(int field, long value) {
    LONG.setRelease(memory, field, value);
  }
}
