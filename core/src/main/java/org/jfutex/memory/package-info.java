// SPDX-License-Identifier: Apache-2.0

/**
 * Memory in which futex words live: {@link org.jfutex.memory.MappedMemory}, the words in it, and what names a word.
 *
 * <p>The lowest layer of core. It maps files, tells which file is really mapped, and gives access to 4 aligned bytes
 * with the memory order in the method's name. It never blocks anybody.
 */
package org.jfutex.memory;
