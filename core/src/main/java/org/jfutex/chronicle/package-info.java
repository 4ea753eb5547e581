// SPDX-License-Identifier: Apache-2.0

/**
 * Chronicle's memory as memory of words and primitives, {@link org.jfutex.chronicle.ChronicleMemory}, and its loops
 * made to sleep, {@link org.jfutex.chronicle.FutexPauser}.
 *
 * <p>The only package of core that knows Chronicle, which is an optional dependency. What it needs of the JVM is in
 * {@code jvm.flags} beside it.
 */
package org.jfutex.chronicle;
