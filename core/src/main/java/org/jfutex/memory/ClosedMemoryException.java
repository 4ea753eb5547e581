// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

/** A word was used, or waited for, after {@link MappedMemory#close()}. */
public final class ClosedMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public ClosedMemoryException(MappedMemory memory) {
    super(memory + " is closed; a word of it can no longer be used");
  }
}
