// SPDX-License-Identifier: Apache-2.0
/**
 * Agrona: futex words in its buffers, agents that sleep instead of spinning, and ring buffers in a mapped file whose
 * idle consumer sleeps, whose producers can wait for room, and which go on when a producer or the consumer is killed.
 */
package org.jfutex.agrona;
