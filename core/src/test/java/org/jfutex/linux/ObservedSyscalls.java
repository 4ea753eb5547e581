// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.nio.ByteBuffer;

/** This JVM's system calls, counted, and something is done before each. One thread uses it. */
public final class ObservedSyscalls extends FutexSyscalls {
  private final FutexSyscalls real = FutexSyscalls.system();
  private Runnable before = () -> {};
  private int count;

  /** From here, and from 0. */
  public void observe(Runnable before) {
    this.before = before;
    count = 0;
  }

  /** How many there were. */
  public int count() {
    return count;
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public long addressOf(ByteBuffer direct) {
    return real.addressOf(direct);
  }

  @Override
  public ByteBuffer memoryAt(long address, int bytes) {
    return real.memoryAt(address, bytes);
  }

  @Override
  long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    begin();
    return real.syscall(number, a1, a2, a3, a4, a5, a6);
  }

  @Override
  long syscallWithoutErrno(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    begin();
    return real.syscallWithoutErrno(number, a1, a2, a3, a4, a5, a6);
  }

  private void begin() {
    before.run();
    count++;
  }
}
