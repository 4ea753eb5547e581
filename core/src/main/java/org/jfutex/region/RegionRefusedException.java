// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A file is not a region that can be used here; it was not changed. */
public final class RegionRefusedException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  RegionRefusedException(Path file, String field, Object found, String expected) {
    this(file, field + ": found " + found + ", expected " + expected);
  }

  RegionRefusedException(Path file, String reason) {
    super(file.toString(), null, reason);
  }
}
