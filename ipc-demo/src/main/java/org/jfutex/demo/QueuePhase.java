// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

/** What the processes of {@link QueueCommand} do, one after the other, all together. */
enum QueuePhase {
  /** Orders until everything is compiled. */
  WARM_UP,
  /** Orders as fast as they can be sent. Who sends waits for room, so this says nothing of latencies. */
  THROUGHPUT,
  /** Orders at a steady rate: how long after it was due is one there? */
  LATENCY,
  /** No orders: what does the consumer cost? */
  IDLE,
  /** Nothing more. */
  END
}
