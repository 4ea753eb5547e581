// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

/** Something else than the operations of a region wrote into its directory; nothing was written after. */
public final class CorruptRegionException extends RegionException {
  private static final long serialVersionUID = 1L;

  CorruptRegionException(String message) {
    super(message);
  }
}
