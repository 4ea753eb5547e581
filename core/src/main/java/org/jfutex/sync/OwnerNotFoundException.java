// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** The owner that a priority-inheriting mutex names does not exist any more, and it is not robust: ESRCH. */
public final class OwnerNotFoundException extends MutexException {
  private static final long serialVersionUID = 1L;

  OwnerNotFoundException(String message) {
    super(message);
  }
}
