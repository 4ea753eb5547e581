// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/**
 * A doorbell as those ring it who have just written through Agrona's accessors: its fields are read through one of
 * them, too.
 *
 * @param fields of the doorbell, what {@link Doorbell#isQuiet} looks at in their first 4 bytes
 */
record Bell(Doorbell doorbell, AtomicCounter fields) {
  /** In place of the fields of one that takes more than a read: never quiet. */
  private static final AtomicCounter LOUD = loud();

  static Bell at(MappedMemory memory, long offset) {
    Doorbell doorbell = Doorbell.at(memory, offset);
    return new Bell(doorbell, doorbell.ringsAlwaysFence() ? LOUD : Counters.at(memory, offset));
  }

  private static AtomicCounter loud() {
    AtomicCounter fields = new AtomicCounter(new UnsafeBuffer(new byte[Doorbell.BYTES]), 0);
    fields.setPlain(-1);
    return fields;
  }
}
