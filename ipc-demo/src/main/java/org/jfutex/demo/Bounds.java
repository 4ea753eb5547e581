// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What picocli does not check by itself. */
final class Bounds {
  private Bounds() {}

  static void check(CommandSpec command, String option, int found, int from, int to) {
    if (found < from || found > to) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for option '"
              + option
              + "': "
              + found
              + ", expected "
              + from
              + " to "
              + to);
    }
  }
}
