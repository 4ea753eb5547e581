// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** The owner of a robust mutex died, and the next one gave up: ENOTRECOVERABLE, for ever. */
public final class NotRecoverableException extends MutexException {
  private static final long serialVersionUID = 1L;

  NotRecoverableException(String message) {
    super(message);
  }
}
