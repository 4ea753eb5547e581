// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which file it is, whatever its name: device and inode.
 *
 * <p>There are two ways to ask, and their answers must not be mixed: {@link Mapping#at} tells what is really mapped at
 * an address, {@link #ofPath} what a path names now. On overlay file systems the two name different devices for one
 * file.
 *
 * @param device {@code major << 32 | minor} from a mapping, {@code st_dev} from a path
 * @param inode the inode number, never 0
 */
public record FileIdentity(long device, long inode) {

  /** As every record's, written out: the first call of one that the JVM makes up takes 20 ms or more of a start. */
  @Override
  public boolean equals(Object other) {
    return other instanceof FileIdentity file && device == file.device && inode == file.inode;
  }

  @Override
  public int hashCode() {
    return Objects.hash(device, inode);
  }

  /**
   * The file that a path names now, by stat(2), symbolic links followed.
   *
   * @throws IOException if there is no such file, or it cannot be asked
   */
  public static FileIdentity ofPath(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    return of(Files.readAttributes(path, "unix:dev,ino"));
  }

  /** Of what stat(2) said. */
  static FileIdentity of(Map<String, Object> stat) {
    return new FileIdentity((Long) stat.get("dev"), (Long) stat.get("ino"));
  }

  @Override
  public String toString() {
    return "device " + Long.toHexString(device) + " inode " + inode;
  }

  /**
   * One line of {@code /proc/self/maps}: a stretch of address space.
   *
   * @param start its first address
   * @param end the address after its last
   * @param writable mapped PROT_WRITE
   * @param shared mapped MAP_SHARED
   * @param file what is mapped there, or null if it is no file
   * @param fileOffset the offset in the file that {@code start} shows, in bytes
   * @param name the path by which the file was opened, or what else the kernel calls it
   */
  record Mapping(
      long start,
      long end,
      boolean writable,
      boolean shared,
      FileIdentity file,
      long fileOffset,
      String name) {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int NAME = 5; // fields before it, which one space ends, or several

    /** The mapping that holds an address; empty where the system does not tell. */
    static Optional<Mapping> at(long address) throws IOException {
      if (!Files.isReadable(MAPS)) {
        return Optional.empty();
      }
      try (BufferedReader lines = Files.newBufferedReader(MAPS, StandardCharsets.ISO_8859_1)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Mapping mapping = parse(line);
          if (mapping.contains(address)) {
            return Optional.of(mapping);
          }
        }
      }
      return Optional.empty();
    }

    /** {@code 7f1c2e000000-7f1c2e004000 rw-s 00001000 00:1b 4711   /dev/shm/x}. */
    static Mapping parse(String line) {
      String[] fields = line.split(" +", NAME + 1);
      String[] range = fields[0].split("-");
      String[] device = fields[3].split(":");
      long inode = Long.parseUnsignedLong(fields[4]);
      return new Mapping(
          Long.parseUnsignedLong(range[0], 16),
          Long.parseUnsignedLong(range[1], 16),
          fields[1].charAt(1) == 'w',
          fields[1].charAt(3) == 's',
          inode == 0
              ? null
              : new FileIdentity(
                  Long.parseLong(device[0], 16) << 32 | Long.parseLong(device[1], 16), inode),
          Long.parseUnsignedLong(fields[2], 16),
          fields.length > NAME ? nameOf(fields[NAME]) : "");
    }

    /** A path is any bytes; by far most are UTF-8. */
    private static String nameOf(String bytes) {
      return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Whether a file is mapped so that who else maps it sees the same bytes. */
    boolean isSharedFile() {
      return shared && file != null;
    }

    /** The offset in the file that an address shows. */
    long fileOffsetOf(long address) {
      return fileOffset + (address - start);
    }

    boolean contains(long address) {
      return Long.compareUnsigned(start, address) <= 0 && Long.compareUnsigned(address, end) < 0;
    }
  }
}
