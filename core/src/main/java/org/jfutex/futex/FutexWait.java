// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import org.jfutex.memory.FutexWord;

/**
 * One wait of this JVM, for diagnosis: a thread blocked in a system call is RUNNABLE to Java, and a thread dump shows
 * nothing of what it waits for.
 *
 * @param thread who waits; null for a prepared waiter that nobody awaits yet, and for a future of a private word
 * @param word what for: the word it called with, or was moved to inside this JVM
 * @param sinceNanos since when, on the clock of {@link System#nanoTime()}; 0 if nobody awaits it yet
 */
public record FutexWait(Thread thread, FutexWord word, long sinceNanos) {}
