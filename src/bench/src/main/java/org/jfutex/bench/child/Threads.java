// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

/** The end of threads that a task has made. */
final class Threads {
  private Threads() {}

  /** Waits until one has ended that has been told so. */
  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody was to interrupt", e);
    }
  }
}
