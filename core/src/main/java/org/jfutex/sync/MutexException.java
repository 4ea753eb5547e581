// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** A mutex could not be taken, or given back, for a reason that lies in its state. */
public abstract sealed class MutexException extends IllegalStateException
    permits DeadlockException,
        OwnerDiedException,
        NotRecoverableException,
        OwnerNotFoundException,
        CorruptMutexException {
  private static final long serialVersionUID = 1L;

  MutexException(String message) {
    super(message);
  }
}
