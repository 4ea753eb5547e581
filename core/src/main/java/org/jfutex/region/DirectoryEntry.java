// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexOwner;

/**
 * A name, and what it stands for: a copy of one entry of the directory, checked.
 *
 * <pre>
 *     0 +-------------------------------+-------------------------------+
 *       | kind      u32  {@link SlotKind}       | parameter  u32  of the kind   |
 *     8 +-------------------------------+-------------------------------+
 *       | offset    u64  of the slot in the file, a multiple of 64      |
 *    16 +---------------------------------------------------------------+
 *       | length    u64  of the slot, in bytes                          |
 *    24 +---------------------------------------------------------------+
 *       | name      104 bytes  UTF-8, at least 1 byte, then zeros       |
 *   128 +---------------------------------------------------------------+
 * </pre>
 *
 * <p>An entry is written before it is counted in {@link RegionHeader#entries}, and never changes after. Each slot ends
 * where the one before begins, the first at the end of the file; so the last entry tells what is free.
 *
 * @param name what it is called; no two entries are called the same
 * @param kind what it is
 * @param parameter what its kind was made with: the kind of a mutex, how many may pass; else 0
 * @param offset of the slot in the file, in bytes
 * @param length of the slot, in bytes
 */
public record DirectoryEntry(String name, SlotKind kind, int parameter, long offset, long length) {
  /** What a name may take, in bytes of UTF-8. */
  public static final int NAME_BYTES_MAX = 104;

  static final int KIND_OFFSET = 0;
  static final int PARAMETER_OFFSET = KIND_OFFSET + Integer.BYTES;
  static final int OFFSET_OFFSET = PARAMETER_OFFSET + Integer.BYTES;
  static final int LENGTH_OFFSET = OFFSET_OFFSET + Long.BYTES;
  static final int NAME_OFFSET = LENGTH_OFFSET + Long.BYTES;
  static final int BYTES = NAME_OFFSET + NAME_BYTES_MAX;

  /** Slots begin at a multiple of a cache line, so that they do not slow each other down. */
  static final int SLOT_ALIGNMENT = RegionHeader.CACHE_LINE;

  /** Where the entry of a number begins. */
  static long at(long number) {
    return RegionHeader.BYTES + number * BYTES;
  }

  /**
   * The name as the directory keeps it.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  static byte[] encode(String name) {
    ByteBuffer encoded;
    try {
      encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "found a name with half a surrogate pair, expected text", e);
    }
    int length = encoded.remaining();
    if (length == 0 || length > NAME_BYTES_MAX || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "found name '"
              + name
              + "' of "
              + length
              + " bytes, expected 1 to "
              + NAME_BYTES_MAX
              + " bytes of UTF-8 without a zero");
    }
    byte[] bytes = new byte[NAME_BYTES_MAX];
    encoded.get(bytes, 0, length);
    return bytes;
  }

  /** The same, with its slot elsewhere. */
  DirectoryEntry movedTo(long otherOffset) {
    return new DirectoryEntry(name, kind, parameter, otherOffset, length);
  }

  /** Writes the whole entry, from an index of the buffer on. */
  void write(ByteBuffer to, int index) {
    to.putInt(index + KIND_OFFSET, kind.number())
        .putInt(index + PARAMETER_OFFSET, parameter)
        .putLong(index + OFFSET_OFFSET, offset)
        .putLong(index + LENGTH_OFFSET, length)
        .put(index + NAME_OFFSET, encode(name));
  }

  /**
   * Copies an entry, and checks the copy.
   *
   * @param from of the machine's byte order
   * @param slotsBegin where the slots of all published entries may begin
   * @param end where the slot has to end
   * @throws CorruptRegionException unless it is one that {@link #write} could have written
   */
  static DirectoryEntry read(ByteBuffer from, int number, long slotsBegin, long end) {
    ByteBuffer copy = ByteBuffer.wrap(new byte[BYTES]).order(from.order());
    from.get((int) at(number), copy.array());
    int kindNumber = copy.getInt(KIND_OFFSET);
    int parameter = copy.getInt(PARAMETER_OFFSET);
    long offset = copy.getLong(OFFSET_OFFSET);
    long length = copy.getLong(LENGTH_OFFSET);
    SlotKind kind = SlotKind.of(kindNumber);
    check(kind != null, number, "kind", kindNumber, "one of " + SlotKind.numbers());
    check(kind.accepts(parameter), number, "parameter", parameter, "one that a " + kind + " has");
    check(
        offset >= slotsBegin && offset < end && offset % SLOT_ALIGNMENT == 0,
        number,
        "offset",
        offset,
        "a multiple of " + SLOT_ALIGNMENT + " from " + slotsBegin + " on, below " + end);
    long least = kind.bytes(parameter);
    check(
        length >= least && length <= end - offset,
        number,
        "length",
        length,
        least + " to " + (end - offset));
    byte[] name = new byte[NAME_BYTES_MAX];
    copy.get(NAME_OFFSET, name);
    return new DirectoryEntry(decode(number, name), kind, parameter, offset, length);
  }

  private static String decode(int number, byte[] padded) {
    int length = 0;
    while (length < padded.length && padded[length] != 0) {
      length++;
    }
    for (int i = length; i < padded.length; i++) {
      check(padded[i] == 0, number, "name", "bytes after a zero", "zeros");
    }
    check(length > 0, number, "name", "none", "at least 1 byte");
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(padded, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw corrupt(number, "name", "other bytes", "UTF-8");
    }
  }

  private static void check(
      boolean holds, int number, String field, Object found, String expected) {
    if (!holds) {
      throw corrupt(number, field, found, expected);
    }
  }

  private static CorruptRegionException corrupt(
      int number, String field, Object found, String expected) {
    return new CorruptRegionException(
        "directory entry " + number + ", " + field + ": found " + found + ", expected " + expected);
  }

  /** All who used what the name stands for are gone. */
  void recover(MappedMemory memory) {
    kind.recover(memory, offset, parameter);
  }

  /** How it is at this moment, in words. */
  String state(MappedMemory memory) {
    return kind.state(memory, offset, parameter);
  }

  /** The threads that hold something of it. */
  List<MutexOwner> owners(MappedMemory memory) {
    return kind.mutexes(parameter)
        .mapToObj(mutex -> MutexOwner.of(memory, offset + mutex, kind.mutexKind(parameter)))
        .flatMap(Optional::stream)
        .toList();
  }

  /** {@code "mutex, robust error-check"}. */
  String describe() {
    return kind.describe(parameter, length);
  }
}
