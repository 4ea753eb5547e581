// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** The calling thread holds the mutex already, or owners wait for each other in a circle: EDEADLK. */
public final class DeadlockException extends MutexException {
  private static final long serialVersionUID = 1L;

  DeadlockException(String message) {
    super(message);
  }
}
