// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

/** The file behind a mapping was made shorter, by this or another process, than what was mapped. */
public final class TruncatedMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  TruncatedMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
