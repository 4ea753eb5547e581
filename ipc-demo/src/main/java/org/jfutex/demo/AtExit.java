// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.concurrent.CancellationException;

/** Something to be undone at the end of a block or of the JVM (Ctrl-C), whichever comes first. */
final class AtExit implements AutoCloseable {
  private final Runnable undo;
  private final Thread hook = new Thread(this::undoOnce, "at-exit");
  private boolean undone;

  /**
   * To be made before what it undoes.
   *
   * @throws CancellationException if the JVM is ending already
   */
  AtExit(Runnable undo) {
    this.undo = undo;
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CancellationException("this JVM is ending");
    }
  }

  /** Under a lock, so that the JVM does not end while the other thread is half-way. */
  private synchronized void undoOnce() {
    if (!undone) {
      undone = true;
      undo.run();
    }
  }

  @Override
  public void close() {
    undoOnce();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook finds nothing left to do.
      assert undone;
    }
  }
}
