// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import java.util.ArrayList;
import java.util.List;

/** jcstress, with what all runs have in common; its report and its raw results go to the working folder. */
final class Main {
  private static final int FIRST_WITH_NATIVE_ACCESS = 22;

  /** Who runs ahead meets the other only where a stride begins. */
  private static final String STRIDE = "8";

  private Main() {}

  public static void main(String... arguments) throws Exception {
    List<String> options = new ArrayList<>();
    options.add("-strideSize");
    options.add(STRIDE);
    options.add("-jvmArgsPrepend");
    options.add(flags());
    options.addAll(List.of(arguments));
    org.openjdk.jcstress.Main.main(options.toArray(new String[0]));
  }

  /** Where nothing heals, a lost wake-up does not go unnoticed. */
  private static String flags() {
    String flags = "-Djfutex.healing=0";
    return Runtime.version().feature() < FIRST_WITH_NATIVE_ACCESS
        ? flags
        : flags + " --enable-native-access=ALL-UNNAMED";
  }
}
