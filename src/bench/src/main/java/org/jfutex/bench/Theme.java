// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

/** Lines that belong together. */
@FunctionalInterface
interface Theme {
  /** Adds all of them, each with what it needs: what cannot run here is the catalogue's to leave out. */
  void addTo(Catalogue catalogue);
}
