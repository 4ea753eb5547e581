// SPDX-License-Identifier: Apache-2.0
package org.jfutex.memory;

/**
 * What makes two words the same futex; the kernel's three-way split. Words of different kinds never meet, even where
 * they are the same bytes.
 */
public enum KeyKind {
  /** The address in this JVM: for threads of one JVM. Served inside the JVM, without system calls. */
  PRIVATE,
  /** A shared operation on memory that is no shared file mapping: the address. */
  SHARED_PRIVATE,
  /** File identity and offset in the file: mappings of one file at different addresses, in any process, meet. */
  SHARED_MAPPABLE;

  /** Whether the kernel is asked with the shared form of an operation. */
  public boolean isShared() {
    return this != PRIVATE;
  }
}
