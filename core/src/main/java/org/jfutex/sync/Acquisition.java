// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** How an attempt to take a mutex ended. */
public enum Acquisition {
  /** This thread holds the mutex. */
  ACQUIRED,

  /**
   * This thread holds the mutex, and the owner before it died: what the mutex guards may be half changed. Repair it and
   * call {@link SharedMutex#makeConsistent()}, or {@link SharedMutex#decline()}.
   */
  OWNER_DIED,

  /** The deadline passed; this thread does not hold the mutex. */
  TIMED_OUT,

  /** The thread was interrupted, and its status stays set; it does not hold the mutex. */
  INTERRUPTED
}
