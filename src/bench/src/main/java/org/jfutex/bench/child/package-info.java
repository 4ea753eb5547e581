// SPDX-License-Identifier: Apache-2.0
/**
 * What runs in the measured JVMs: one task a process, that answers a line for each slice that it is asked for.
 *
 * <p>Here alone stands code that is timed, of jfutex and of its peers in Java; the peers in C are resources.
 */
package org.jfutex.bench.child;
