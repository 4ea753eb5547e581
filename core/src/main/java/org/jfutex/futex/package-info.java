// SPDX-License-Identifier: Apache-2.0

/**
 * The futex system call for Java: {@link org.jfutex.futex.FutexManager} and its two engines.
 *
 * <p>{@code FutexManager} checks arguments and turns answers into Java; a {@code FutexEngine} answers as Linux does, a
 * value of at least 0 or minus errno. {@code KernelEngine} blocks in the kernel and serves the shared kinds;
 * {@code InJvmEngine} parks threads in queues of this JVM and serves the private kind, and all kinds where there is no
 * futex system call. Both keep Linux's exact results; one table of cases runs against both.
 */
package org.jfutex.futex;
