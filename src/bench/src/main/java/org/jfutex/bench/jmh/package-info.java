// SPDX-License-Identifier: Apache-2.0
/** What is timed by JMH: operations of one thread in one JVM. */
package org.jfutex.bench.jmh;
