// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/**
 * A doorbell as those ring it who have just written through Agrona's accessors: its word is read through one of them,
 * too. That is less code than the doorbell's own way, and so what writes a message stays small enough for the JIT to
 * inline: 2 ns more than Agrona's own write in one thread, where it was 7.
 */
final class Bell {
  /** In place of the word of one that takes more than a read: never quiet. */
  private static final UnsafeBuffer LOUD = loud();

  private final Doorbell doorbell;
  private final UnsafeBuffer word;

  Bell(MappedMemory memory, long offset) {
    doorbell = Doorbell.at(memory, offset);
    int start = memory.checkSlot(offset, Integer.BYTES);
    word =
        doorbell.ringsAlwaysFence()
            ? LOUD
            : new UnsafeBuffer(memory.buffer(), start, Integer.BYTES);
  }

  private static UnsafeBuffer loud() {
    UnsafeBuffer word = new UnsafeBuffer(new byte[Integer.BYTES]);
    word.putInt(0, -1);
    return word;
  }

  Doorbell doorbell() {
    return doorbell;
  }

  /** After the store that publishes. */
  void ring() {
    if (!Doorbell.isQuiet(word.getIntOpaque(0))) {
      doorbell.ring();
    }
  }
}
