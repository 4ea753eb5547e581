// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads and writes the file of a region as if there were none. */
final class RegionBytes {
  private RegionBytes() {}

  static void put(Path path, long offset, byte... bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  static void putInt(Path path, long offset, int value) throws IOException {
    put(path, offset, bytes(Integer.BYTES).putInt(value).array());
  }

  static void putLong(Path path, long offset, long value) throws IOException {
    put(path, offset, bytes(Long.BYTES).putLong(value).array());
  }

  static void truncate(Path path, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.nativeOrder());
  }
}
