// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

/** A name could not be found or created, for a reason that lies in the region. */
public abstract sealed class RegionException extends IllegalStateException
    permits CorruptRegionException,
        RegionBusyException,
        RegionFullException,
        RegionReplacedException {
  private static final long serialVersionUID = 1L;

  RegionException(String message) {
    super(message);
  }
}
