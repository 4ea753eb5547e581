// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.jfutex.sync.SharedMutex;

/**
 * The beginning of a region: a copy of its fields, so that what was checked is what is used.
 *
 * <pre>
 *     0 +----------------------------------------------------------------+
 *       | magic          8 bytes  "jfutexRG", written first              |
 *     8 +--------------------------------+-------------------------------+
 *       | version    u32  written last   | byte order  u32  0x01020304   |
 *    16 +--------------------------------+-------------------------------+
 *       | size           u64  of the file, in bytes                      |
 *    24 +----------------------------------------------------------------+
 *       | features       u64  what a reader has to know; none yet        |
 *    32 +----------------------------------------------------------------+
 *       | boot id        16 bytes  of the kernel's run, in the order of  |
 *       |                          its text                              |
 *    48 +----------------------------------------------------------------+
 *       | PID namespace  u64  the inode of /proc/self/ns/pid             |
 *    56 +--------------------------------+-------------------------------+
 *       | entries    u32  in use; every  | zeros                         |
 *       |                 new name adds  |                               |
 *   128 +--------------------------------+-------------------------------+
 *       | mutex      40 bytes  pthread_mutex_t, robust and error-check:  |
 *       |                      who adds a name holds it; else zeros      |
 *   256 +----------------------------------------------------------------+
 *       | directory      a {@link DirectoryEntry} a name, upwards              |
 *       | free           zeros                                           |
 *       | slots          what is named, from the end of the file down    |
 *  size +----------------------------------------------------------------+
 * </pre>
 *
 * <p>Numbers are in the byte order of the machine.
 *
 * @param magic the first 8 bytes
 * @param version of the layout; 0 while the region is being made
 * @param byteOrder {@link #BYTE_ORDER_MARK}, as a machine of the same byte order reads it
 * @param size of the file, in bytes
 * @param features bits; unknown ones are refused
 * @param bootId during which run of the kernel it was used last
 * @param pidNamespace where its thread ids mean threads
 * @param entries how many names there are
 */
public record RegionHeader(
    long magic,
    int version,
    int byteOrder,
    long size,
    long features,
    UUID bootId,
    long pidNamespace,
    int entries) {
  /** The version of the layout that this is. */
  public static final int VERSION = 1;

  static final String MAGIC_TEXT = "jfutexRG";
  static final long MAGIC =
      ByteBuffer.wrap(MAGIC_TEXT.getBytes(StandardCharsets.US_ASCII))
          .order(ByteOrder.nativeOrder())
          .getLong();
  static final int BYTE_ORDER_MARK = 0x01020304;

  static final int CACHE_LINE = 64;
  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final int BYTE_ORDER_OFFSET = VERSION_OFFSET + Integer.BYTES;
  static final int SIZE_OFFSET = BYTE_ORDER_OFFSET + Integer.BYTES;
  static final int FEATURES_OFFSET = SIZE_OFFSET + Long.BYTES;
  static final int BOOT_ID_OFFSET = FEATURES_OFFSET + Long.BYTES;
  static final int PID_NAMESPACE_OFFSET = BOOT_ID_OFFSET + 2 * Long.BYTES;
  static final int ENTRIES_OFFSET = PID_NAMESPACE_OFFSET + Long.BYTES;
  static final int MUTEX_OFFSET = 2 * CACHE_LINE;
  static final int BYTES = MUTEX_OFFSET + 2 * CACHE_LINE;

  static {
    assert ENTRIES_OFFSET + Integer.BYTES <= MUTEX_OFFSET;
    assert MUTEX_OFFSET + SharedMutex.BYTES <= BYTES;
  }

  /** As a region begins that nobody used yet, but for the version. */
  static RegionHeader unpublished(long size, SystemIdentity system) {
    return new RegionHeader(
        MAGIC, 0, BYTE_ORDER_MARK, size, 0, system.bootId(), system.pidNamespace(), 0);
  }

  /**
   * Copies the fields, unchecked.
   *
   * @param header at least {@link #BYTES}, from index 0 on
   */
  static RegionHeader read(ByteBuffer header) {
    ByteBuffer from = header.duplicate().order(ByteOrder.nativeOrder());
    ByteBuffer text = header.duplicate().order(ByteOrder.BIG_ENDIAN);
    return new RegionHeader(
        from.getLong(MAGIC_OFFSET),
        from.getInt(VERSION_OFFSET),
        from.getInt(BYTE_ORDER_OFFSET),
        from.getLong(SIZE_OFFSET),
        from.getLong(FEATURES_OFFSET),
        new UUID(text.getLong(BOOT_ID_OFFSET), text.getLong(BOOT_ID_OFFSET + Long.BYTES)),
        from.getLong(PID_NAMESPACE_OFFSET),
        from.getInt(ENTRIES_OFFSET));
  }

  /** The bytes up to the mutex. */
  ByteBuffer toBytes() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(MUTEX_OFFSET).order(ByteOrder.nativeOrder());
    bytes
        .putLong(MAGIC_OFFSET, magic)
        .putInt(VERSION_OFFSET, version)
        .putInt(BYTE_ORDER_OFFSET, byteOrder)
        .putLong(SIZE_OFFSET, size)
        .putLong(FEATURES_OFFSET, features)
        .putLong(PID_NAMESPACE_OFFSET, pidNamespace)
        .putInt(ENTRIES_OFFSET, entries);
    putBootId(bytes, bootId);
    return bytes;
  }

  static void putBootId(ByteBuffer header, UUID bootId) {
    header
        .duplicate()
        .order(ByteOrder.BIG_ENDIAN)
        .putLong(BOOT_ID_OFFSET, bootId.getMostSignificantBits())
        .putLong(BOOT_ID_OFFSET + Long.BYTES, bootId.getLeastSignificantBits());
  }

  /** Whether it says itself that the region is not finished. */
  boolean isUnpublished() {
    return magic == MAGIC && version == 0;
  }

  /**
   * Throws unless a region can begin so, and its thread ids mean threads that this process can see; those from before
   * a reboot mean none.
   *
   * @param fileSize in bytes
   */
  void check(Path file, long fileSize, SystemIdentity system) throws RegionRefusedException {
    if (magic != MAGIC) {
      throw new RegionRefusedException(
          file,
          "magic",
          text(magic),
          "\"" + MAGIC_TEXT + "\": it is no region, and stays as it is");
    }
    if (byteOrder != BYTE_ORDER_MARK) {
      throw new RegionRefusedException(
          file,
          "byte order",
          hex(byteOrder),
          hex(BYTE_ORDER_MARK)
              + (byteOrder == Integer.reverseBytes(BYTE_ORDER_MARK)
                  ? ": a machine of the other byte order made it"
                  : ""));
    }
    if (version != VERSION) {
      throw new RegionRefusedException(
          file,
          "version",
          Integer.toUnsignedString(version),
          VERSION + (version == 0 ? ", for it is in use" : ": use the jfutex that made it"));
    }
    if (features != 0) {
      throw new RegionRefusedException(
          file, "features", "0x" + Long.toHexString(features), "0: use the jfutex that made it");
    }
    if (fileSize < RegionFile.BYTES_MIN || fileSize > RegionFile.BYTES_MAX) {
      throw new RegionRefusedException(
          file,
          "size",
          "a file of " + fileSize + " bytes",
          RegionFile.BYTES_MIN + " to " + RegionFile.BYTES_MAX);
    }
    if (size != fileSize) {
      throw new RegionRefusedException(
          file,
          "size",
          Long.toUnsignedString(size) + " and a file of " + fileSize + " bytes",
          "both the same: was it truncated?");
    }
    if (bootId.equals(system.bootId()) && pidNamespace != system.pidNamespace()) {
      throw new RegionRefusedException(
          file,
          "PID namespace",
          Long.toUnsignedString(pidNamespace),
          system.pidNamespace()
              + ", that of this process, where thread ids mean the same; for containers: --pid=container:...");
    }
  }

  private static String text(long magic) {
    StringBuilder text = new StringBuilder("\"");
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, magic);
    for (byte each : bytes.array()) {
      text.append(each >= ' ' && each <= '~' ? (char) each : '.');
    }
    return text.append('"').toString();
  }

  private static String hex(int value) {
    return String.format("0x%08x", value);
  }
}
