// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import org.jfutex.linux.Errno;
import org.jfutex.memory.FutexWord;

/** A futex operation was refused for a reason that the word's state gives; {@link #errno()} is Linux's. */
public final class FutexException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  FutexException(String operation, int errno, FutexWord word, String meaning) {
    super(operation + " on " + word + ": " + Errno.name(errno) + ", " + meaning);
    this.errno = errno;
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
