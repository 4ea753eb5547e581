// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

/** How a thread that waits is told of an interrupt: by the exception, and its status is cleared. */
final class Interrupts {
  private Interrupts() {}

  /** Before it waits: throws if it is interrupted. */
  static void throwIfInterrupted(Object before) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("before waiting for " + before);
    }
  }

  /** After it waited: throws if that was ended by an interrupt. */
  static void throwIf(boolean interrupted, Object whileWaitingFor) throws InterruptedException {
    if (interrupted) {
      Thread.interrupted();
      throw new InterruptedException("while waiting for " + whileWaitingFor);
    }
  }
}
