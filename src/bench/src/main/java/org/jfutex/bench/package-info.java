// SPDX-License-Identifier: Apache-2.0
/**
 * What is measured, beside what, and how it is told: the command lines {@code run} and {@code compare}.
 *
 * <p>A {@code Theme} adds its lines to the {@code Catalogue}; a line is a {@code Benchmark} of two {@code Contestant}s
 * that run in turns. All that is timed runs in processes of its own; see {@code child}.
 */
package org.jfutex.bench;
