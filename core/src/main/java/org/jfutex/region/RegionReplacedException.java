// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

/** The file was deleted or replaced since it was opened: who opens the path now does not get this region. */
public final class RegionReplacedException extends RegionException {
  private static final long serialVersionUID = 1L;

  RegionReplacedException(String message) {
    super(message);
  }
}
