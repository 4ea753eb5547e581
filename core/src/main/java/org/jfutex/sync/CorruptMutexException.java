// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/**
 * Something else than mutex operations wrote into the mutex, or into a list that it is in; nothing was written after.
 */
public final class CorruptMutexException extends MutexException {
  private static final long serialVersionUID = 1L;

  CorruptMutexException(String message) {
    super(message);
  }
}
