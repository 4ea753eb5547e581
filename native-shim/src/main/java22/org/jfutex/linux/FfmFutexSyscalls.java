// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** syscall(2) by java.lang.foreign; in the multi-release part of the jar, for JDK 22 or newer. */
final class FfmFutexSyscalls extends FutexSyscalls {

  /** The linkage, in a class of its own: constants to the JIT, yet first touched when an instance is made. */
  @SuppressWarnings("restricted")
  private static final class Libc {
    static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    static final int ERRNO_OFFSET =
        (int) CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    static final MethodHandle SYSCALL = link(7, Linker.Option.captureCallState("errno"));
    static final MethodHandle SYSCALL_WITHOUT_ERRNO = link(7);

    private static MethodHandle link(int arguments, Linker.Option... more) {
      MemoryLayout[] layouts = new MemoryLayout[arguments];
      Arrays.fill(layouts, ValueLayout.JAVA_LONG);
      Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
      options[more.length] = Linker.Option.firstVariadicArg(1);
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().find("syscall").orElseThrow(),
          FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts),
          options);
    }
  }

  /** Where a call leaves errno: before the JVM, on its way back to Java, makes calls of its own. */
  private static final class CallState {
    final MemorySegment segment = Arena.ofAuto().allocate(Libc.CALL_STATE);

    /** The same memory; unlike a read of the segment, one of a buffer never allocates, inlined or not. */
    final ByteBuffer bytes = segment.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /**
   * No constant, so that it is compiled by itself. The JDK wraps the call state anew in each call; compiled into its
   * caller the wrapper is allocated, 40 bytes, wherever the inlining ends before it has gone.
   */
  private final MethodHandle syscall = Libc.SYSCALL;

  private final ThreadLocal<CallState> callStates = ThreadLocal.withInitial(CallState::new);

  @Override
  public String name() {
    return SyscallsLoader.FFM;
  }

  @Override
  public long addressOf(ByteBuffer direct) {
    // of(..) starts at the position
    return MemorySegment.ofBuffer(direct).address() - direct.position();
  }

  @Override
  @SuppressWarnings("restricted")
  public ByteBuffer memoryAt(long address, int bytes) {
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  @Override
  @SuppressWarnings("checkstyle:IllegalCatch") // invokeExact declares Throwable
  long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    CallState callState = callStates.get();
    try {
      long result = (long) syscall.invokeExact(callState.segment, number, a1, a2, a3, a4, a5, a6);
      return result == -1 ? -callState.bytes.getInt(Libc.ERRNO_OFFSET) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing checked", e);
    }
  }

  @Override
  @SuppressWarnings("checkstyle:IllegalCatch") // invokeExact declares Throwable
  long syscallWithoutErrno(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    try {
      return (long) Libc.SYSCALL_WITHOUT_ERRNO.invokeExact(number, a1, a2, a3, a4, a5, a6);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing checked", e);
    }
  }
}
