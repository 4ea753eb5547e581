// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

/** The region has no room for another name and what it names. */
public final class RegionFullException extends RegionException {
  private static final long serialVersionUID = 1L;

  RegionFullException(String message) {
    super(message);
  }
}
