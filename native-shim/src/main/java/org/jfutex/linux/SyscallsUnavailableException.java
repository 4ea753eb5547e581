// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/** The futex system call cannot be reached from this JVM. The message says where, why, and what to do. */
public final class SyscallsUnavailableException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  SyscallsUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
