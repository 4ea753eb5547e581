// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

/** What was found out by {@link QueueCommand}, mostly by its consumer; a number each. */
enum QueueFigure {
  /** From the begin of {@link QueuePhase#THROUGHPUT} until all was received. */
  ELAPSED_NS,
  /** From when an order was due to when it was read: half of them within this time. */
  P50_NS,
  P99_NS,
  P999_NS,
  /** CPU time of all threads of the consumer's JVM in {@link QueuePhase#IDLE}, by the parent's count. */
  IDLE_CPU_NS,
  /** How long that was. */
  IDLE_NS,
  /** Orders that were sent and never came. */
  LOST,
  /** Orders that came twice, or later than one that was sent after them, or damaged. */
  WRONG
}
