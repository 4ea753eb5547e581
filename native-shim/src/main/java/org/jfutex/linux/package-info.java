// SPDX-License-Identifier: Apache-2.0

/**
 * The system-call boundary: futex(2) and its relatives, raw.
 *
 * <p>The only package that knows JNA and {@code java.lang.foreign}. Addresses go in, Linux's results come out: a value
 * of at least 0, or minus errno. Nothing here decides anything; the layers above do.
 */
package org.jfutex.linux;
