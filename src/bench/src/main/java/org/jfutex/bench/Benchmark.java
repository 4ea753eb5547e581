// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;

/** What makes one line of the report. */
interface Benchmark {

  /** Of the line; {@code --only} takes the beginning of one. */
  String name();

  /** Who on our side. */
  String subject();

  /** Who on the other side. */
  String peer();

  /** Measures. Progress goes to stderr. */
  Line run(Effort effort) throws IOException;
}
