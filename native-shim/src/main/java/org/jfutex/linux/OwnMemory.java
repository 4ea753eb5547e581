// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * This process's memory by address, where the address may be anything: {@code /proc/self/mem} answers with an error
 * where a plain access would end the process. For slow paths; each access is a system call.
 */
public final class OwnMemory {
  private static final String PATH = "/proc/self/mem";

  private OwnMemory() {}

  /** The file stays open: a thread that runs out of descriptors must still be able to unlock. */
  private static final class Opened {
    static final RandomAccessFile FILE = open();

    private static RandomAccessFile open() {
      try {
        return new RandomAccessFile(PATH, "rw");
      } catch (IOException e) {
        return null;
      }
    }
  }

  /**
   * The 8 bytes at an address.
   *
   * @throws IOException if there is no such memory
   */
  public static long readLong(long address) throws IOException {
    byte[] bytes = new byte[Long.BYTES];
    synchronized (OwnMemory.class) {
      file(address).readFully(bytes);
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong();
  }

  /**
   * The 4 bytes at an address.
   *
   * @throws IOException if there is no such memory
   */
  public static int readInt(long address) throws IOException {
    byte[] bytes = new byte[Integer.BYTES];
    synchronized (OwnMemory.class) {
      file(address).readFully(bytes);
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt();
  }

  /**
   * Writes 8 bytes at an address.
   *
   * @throws IOException if there is no such memory, or it cannot be written
   */
  public static void writeLong(long address, long value) throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).array();
    synchronized (OwnMemory.class) {
      file(address).write(bytes);
    }
  }

  /** Whether there are 8 bytes at an address; true also where the system does not tell. */
  public static boolean isThere(long address) {
    try {
      return Opened.FILE == null || readLong(address) >= Long.MIN_VALUE;
    } catch (IOException e) {
      return false;
    }
  }

  private static RandomAccessFile file(long address) throws IOException {
    if (Opened.FILE == null) {
      throw new IOException(PATH + " cannot be opened; is /proc mounted?");
    }
    if (address < 0) {
      throw new IOException("no memory at address 0x" + Long.toHexString(address));
    }
    Opened.FILE.seek(address);
    return Opened.FILE;
  }
}
