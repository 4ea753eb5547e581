// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.jfutex.memory.MappedMemory;

/** Agrona's buffers as memory for words, mutexes and all the others. */
public final class AgronaMemory {
  private AgronaMemory() {}

  /**
   * The memory that a buffer wraps now, from its index 0 to its capacity; shared by name of the file if that is a
   * shared mapping of one, by address otherwise. Offsets are the buffer's indices.
   *
   * <p>What the buffer wraps stays reachable, hence mapped, as long as this memory; unless its owner unmaps it by
   * force, as {@code IoUtil.unmap} and {@code BufferUtil.free} do, who must then close this memory first.
   *
   * @throws IllegalArgumentException if the buffer wraps a {@code byte[]}, or does not start at a multiple of 4
   */
  public static MappedMemory of(AtomicBuffer buffer) {
    if (buffer.byteArray() != null) {
      throw new IllegalArgumentException(
          "found a buffer over a byte[], which moves in memory, expected one over a direct or mapped ByteBuffer: "
              + buffer);
    }
    ByteBuffer wrapped = buffer.byteBuffer();
    return wrapped == null
        ? MappedMemory.at(
            buffer.addressOffset(), buffer.capacity(), () -> Reference.reachabilityFence(buffer))
        : MappedMemory.wrap(wrapped.slice(buffer.wrapAdjustment(), buffer.capacity()));
  }
}
