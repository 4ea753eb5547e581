// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexOwner;

/**
 * What a region looked like at one moment, for people and tools: a copy of a file that need not be writable. Who uses
 * the region notices nothing of it.
 *
 * @param header as it was found
 * @param isOfThisSystem whether its thread ids mean threads here: the same run of the kernel, the same PID namespace
 * @param slots in the order in which they were made
 */
public record RegionSnapshot(RegionHeader header, boolean isOfThisSystem, List<Slot> slots) {

  /**
   * What a name stands for, and how that was.
   *
   * @param what such as {@code "mutex, robust error-check"}
   * @param state such as {@code "held by thread 42 of process 40 (matcher), others wait"}; of memory, nothing
   * @param owners the threads that hold something of it, as far as it knows them
   */
  public record Slot(DirectoryEntry entry, String what, String state, List<MutexOwner> owners) {}

  /**
   * Reads a region.
   *
   * @throws RegionRefusedException if it is none
   * @throws IOException if it cannot be read
   */
  public static RegionSnapshot read(Path path) throws IOException {
    MappedMemory copy = MappedMemory.wrap(RegionFile.copy(Objects.requireNonNull(path, "path")));
    RegionHeader header = RegionHeader.read(copy.buffer());
    SystemIdentity its = new SystemIdentity(header.bootId(), header.pidNamespace());
    header.check(path, copy.size(), its);
    try {
      List<DirectoryEntry> entries = new RegionDirectory(path, copy).list();
      return new RegionSnapshot(
          header,
          its.equals(SystemIdentity.current()),
          entries.stream().map(entry -> slot(copy, entry)).toList());
    } catch (CorruptRegionException e) {
      throw new RegionRefusedException(path, e.getMessage());
    }
  }

  private static Slot slot(MappedMemory copy, DirectoryEntry entry) {
    return new Slot(entry, entry.describe(), entry.state(copy), entry.owners(copy));
  }
}
