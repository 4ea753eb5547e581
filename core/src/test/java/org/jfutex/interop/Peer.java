// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import org.jfutex.support.Eventually;

/**
 * A thread that does with mutexes what it is told: of this JVM through jfutex, or of a C process through glibc. Its
 * commands are those of {@code mutex-peer.c}, its answers OK or the name of an errno.
 */
interface Peer extends AutoCloseable {
  /** Begins to obey a command. */
  void tell(String command);

  /** Waits for the answer to the command that was begun. */
  String answer();

  /** Whether the command that was begun is answered. */
  boolean isDone();

  /** Ends while holding what it holds, and returns when the kernel has taken notice. */
  void die();

  int tid();

  long pid();

  /** The address of its robust list's head. */
  long head();

  /** Where the file of the test is mapped for it. */
  long base();

  @Override
  void close();

  default String ask(String command) {
    tell(command);
    return answer();
  }

  /** Begins to obey a command that is to sleep, and polls until it sleeps for the mutex at an offset. */
  default void tellAndSleep(String command, long offset) {
    tellAndSleep(command, offset, Integer.BYTES);
  }

  /** As {@link #tellAndSleep(String, long)}, on any word of so many bytes. */
  default void tellAndSleep(String command, long offset, int bytes) {
    tell(command);
    awaitSleep(offset, bytes);
    if (isDone()) {
      throw new AssertionError(command + " answered " + answer() + ", expected it to sleep");
    }
  }

  /** Polls until it sleeps on any word of so many bytes at an offset, or what was begun is answered. */
  default void awaitSleep(long offset, int bytes) {
    Eventually.until(
        "sleeps, or returns",
        () -> isDone() || ProcThread.sleepsOn(pid(), tid(), base() + offset, bytes));
  }
}
