// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

/** A word of a read-only mapping was to be changed. Waiting and waking work there; writing does not. */
public final class ReadOnlyMemoryException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  ReadOnlyMemoryException(Object what) {
    super(
        what + " is mapped read-only and cannot be changed; open the file with MappedMemory.open");
  }
}
