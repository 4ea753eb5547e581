// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.util.Objects;

/**
 * The name of a futex: two words with equal keys are one futex.
 *
 * @param kind how it is named
 * @param file the mapped file, for {@link KeyKind#SHARED_MAPPABLE}; null otherwise
 * @param offset the offset in the file in bytes, or the address
 */
public record FutexKey(KeyKind kind, FileIdentity file, long offset) {

  /** As every record's, written out: the first call of one that the JVM makes up takes 20 ms or more of a start. */
  @Override
  public boolean equals(Object other) {
    return other instanceof FutexKey key
        && kind == key.kind
        && offset == key.offset
        && Objects.equals(file, key.file);
  }

  /** Mixed well enough that neighbouring words spread over a power-of-two table. */
  @Override
  public int hashCode() {
    long h =
        offset * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, the multiplier of Fibonacci hashing
    if (file != null) {
      h ^= (file.inode() + 31 * file.device()) * 0xC2B2AE3D27D4EB4FL; // a prime of xxHash64
    }
    h += kind.ordinal();
    return (int) (h ^ h >>> 32);
  }

  @Override
  public String toString() {
    return kind
        + (file == null
            ? " address 0x" + Long.toHexString(offset)
            : " " + file + " offset " + offset);
  }
}
