// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

/** What a line may need and not every machine has; {@link Means} knows which are here. */
enum Need {
  /** For the peers in C. */
  COMPILER,

  /** To pin processes or threads with. */
  TASKSET,

  /** For two that must not wait for each other's CPU. */
  SECOND_CPU,

  /** A way to the kernel: {@code java.lang.foreign}. */
  FFM,

  /** A way to the kernel: JNA. */
  JNA,

  /** Any of the two. */
  BACKEND,

  /** A wait for several words. */
  FUTEX_WAITV,

  /** Who sleeps, as the kernel tells it. */
  SYSTEM_CALLS,

  /** Named pipes. */
  MKFIFO
}
