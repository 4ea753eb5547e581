// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/** The two sorts of words that a primitive can be made of. */
public enum Words {
  SHARED,
  PRIVATE;

  public FutexWord at(MappedMemory memory, long offset) {
    return this == SHARED ? memory.word(offset) : memory.privateWord(offset);
  }
}
