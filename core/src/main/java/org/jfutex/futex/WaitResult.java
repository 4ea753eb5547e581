// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

/** Why a wait ended. Whatever it says, look at the word again: wake-ups may be spurious and order nothing. */
public enum WaitResult {
  /** Somebody woke this thread, or nobody did and it is a spurious wake-up. */
  WOKEN,
  /** The word did not hold the expected value: this thread did not sleep, or stopped sleeping because of it. */
  VALUE_CHANGED,
  /** The deadline passed. */
  TIMED_OUT,
  /** The thread was interrupted; its interrupt status is still set. */
  INTERRUPTED
}
