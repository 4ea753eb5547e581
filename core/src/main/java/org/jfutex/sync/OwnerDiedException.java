// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** The owner of a robust mutex died, and nobody here knows how to repair what it guards: EOWNERDEAD. */
public final class OwnerDiedException extends MutexException {
  private static final long serialVersionUID = 1L;

  OwnerDiedException(String message) {
    super(message);
  }
}
