// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import org.jfutex.memory.MappedMemory;

/**
 * A process-shared {@code sem_t} of one permit as a Java program has it today: libc's functions by JNA, mapped directly
 * and with the address as a number, which is the fastest that JNA offers.
 */
final class PosixSemaphore {
  private static final int BYTES = 32;
  private static final int PROCESS_SHARED = 1;
  private static final int EINTR = 4;

  static {
    Native.register(PosixSemaphore.class, NativeLibrary.getProcess());
  }

  private final ByteBuffer bytes; // the mapping lives as long as this does
  private final long address;

  /** Made anew; each process may do so before the first one takes a permit. */
  PosixSemaphore(MappedMemory memory, int offset) {
    bytes = memory.buffer().slice(offset, BYTES);
    address = Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
    check("sem_init", sem_init(address, PROCESS_SHARED, 1));
  }

  void acquire() {
    while (sem_wait(address) != 0) {
      if (Native.getLastError() != EINTR) {
        throw failure("sem_wait");
      }
    }
  }

  void release() {
    check("sem_post", sem_post(address));
  }

  private void check(String function, int answer) {
    if (answer != 0) {
      throw failure(function);
    }
  }

  private IllegalStateException failure(String function) {
    return new IllegalStateException(
        function + " of " + bytes + " failed with errno " + Native.getLastError());
  }

  private static native int sem_init(long semaphore, int shared, int permits);

  private static native int sem_wait(long semaphore);

  private static native int sem_post(long semaphore);
}
