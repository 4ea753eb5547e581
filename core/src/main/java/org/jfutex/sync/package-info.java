// SPDX-License-Identifier: Apache-2.0

/**
 * The primitives: what {@code java.util.concurrent} offers to threads, for words that several processes map.
 *
 * <p>One file each, algorithm and state table only. Blocking is {@link org.jfutex.futex.FutexManager}'s.
 */
package org.jfutex.sync;
