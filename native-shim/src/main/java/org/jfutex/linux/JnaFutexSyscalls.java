// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/** syscall(2) by JNA's direct mapping; for JDK 17 to 21, and for whoever asks for it. */
final class JnaFutexSyscalls extends FutexSyscalls {

  JnaFutexSyscalls() {
    // Registering twice would only do the work twice; not in a static initialiser, see
    // SyscallsLoader.
    Native.register(Libc.class, NativeLibrary.getProcess());
  }

  /** syscall(2) is variadic in C; on x86-64 and aarch64 Linux integer arguments travel the same way either way. */
  private static final class Libc {
    static native long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);
  }

  @Override
  public String name() {
    return SyscallsLoader.JNA;
  }

  @Override
  public long addressOf(ByteBuffer direct) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
  }

  @Override
  public ByteBuffer memoryAt(long address, int bytes) {
    return bufferAt(address, bytes);
  }

  /** As {@link #memoryAt}, also where another implementation is in use. */
  static ByteBuffer bufferAt(long address, int bytes) {
    return new Pointer(address).getByteBuffer(0, bytes);
  }

  @Override
  long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    long result = Libc.syscall(number, a1, a2, a3, a4, a5, a6);
    return result == -1 ? -Native.getLastError() : result;
  }
}
