// SPDX-License-Identifier: Apache-2.0
/** The drawings of the page that {@code run --html} writes: SVG and tables of numbers, which know no benchmark. */
package org.jfutex.bench.picture;
