// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Where a thread id means what it says: during one run of the kernel, and in one PID namespace.
 *
 * @param bootId of the run; zeros where the system does not tell
 * @param pidNamespace the inode that stands for it; 0 where the system does not tell
 */
record SystemIdentity(UUID bootId, long pidNamespace) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");

  /** Of this process. */
  static SystemIdentity current() throws IOException {
    return new SystemIdentity(
        Files.isReadable(BOOT_ID)
            ? UUID.fromString(Files.readString(BOOT_ID).strip())
            : new UUID(0, 0),
        Files.exists(PID_NAMESPACE) ? (Long) Files.getAttribute(PID_NAMESPACE, "unix:ino") : 0);
  }
}
