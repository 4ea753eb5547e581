// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

/** The directory's mutex is held for longer than anybody needs it: its owner is stopped, or is none. */
public final class RegionBusyException extends RegionException {
  private static final long serialVersionUID = 1L;

  RegionBusyException(String message) {
    super(message);
  }
}
