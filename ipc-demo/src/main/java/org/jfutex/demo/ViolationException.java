// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

/** Something that must hold did not; the message says what was found and what was expected. */
final class ViolationException extends Exception {
  private static final long serialVersionUID = 1L;

  ViolationException(String message) {
    super(message);
  }
}
