// SPDX-License-Identifier: Apache-2.0

/**
 * A mapped file that describes itself: primitives and memory by name, found or created by whoever comes first.
 *
 * <p>{@link org.jfutex.region.RegionHeader} and {@link org.jfutex.region.DirectoryEntry} are the bytes; a C program may
 * read and write the same.
 */
package org.jfutex.region;
