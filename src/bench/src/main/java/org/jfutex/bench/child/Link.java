// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.function.LongConsumer;

/** A way for messages from one process to another, each of them a number, and a way of waiting for them. */
interface Link {
  /** The producer's end. */
  Sender sender() throws Exception;

  /**
   * The consumer's end.
   *
   * @param handler of what arrives
   */
  Receiver receiver(LongConsumer handler) throws Exception;

  /** For the thread that asked for it. */
  interface Sender {
    void send(long message);
  }

  /** For the thread that asked for it. */
  interface Receiver {
    /** Handles what is there; if that is nothing, waits once as it does. */
    void next() throws Exception;
  }
}
