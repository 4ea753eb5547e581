// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;

/**
 * What a run leaves to look at.
 *
 * @param facts of the machine and the run, {@code name: value} each
 * @param lines what was measured
 * @param leftOut what cannot be measured here, and why
 * @param failures what could not be measured, and why
 */
record Outcome(List<String> facts, List<Line> lines, List<String> leftOut, List<String> failures) {}
