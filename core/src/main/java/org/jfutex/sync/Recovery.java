// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** Repairs what a mutex guards after its owner died; runs inside {@code lock()}, by the thread that took the mutex. */
@FunctionalInterface
public interface Recovery {
  /**
   * Makes the guarded data whole. If it returns, the mutex is consistent and {@code lock()} goes on; what it throws
   * comes out of {@code lock()}, and the mutex is {@linkplain SharedMutex#decline() declined}; with priority
   * inheritance that cannot be, and it becomes not recoverable.
   *
   * @param mutex held by this thread
   */
  void recover(SharedMutex mutex);
}
