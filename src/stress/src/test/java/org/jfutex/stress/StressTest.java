// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what is here, some of it and briefly unless told otherwise: nothing happens that must not happen. */
class StressTest {
  /** System property: the options of jcstress. */
  private static final String OPTIONS = "jfutex.stress.options";

  /** A JVM a test and more, so those alone of which the others are variants; in one compilation mode. */
  private static final String SHORT =
      "-t Doorbell|Robust|Once|AutoReset -m quick -f 1 -iters 1 -time 100 -sc false -c 2 -jvmArgs -Djfutex.healing=0";

  private static final long HOURS = 3;

  private static final Pattern RESULTS = Pattern.compile("\\((Results: .*)\\)");

  @TempDir Path folder;

  @Test
  void nothingForbiddenIsSeen() throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(HOURS, TimeUnit.HOURS), "jcstress has ended");
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), text);
    System.out.println("jcstress: " + last(text));
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(String.join(File.separator, System.getProperty("java.home"), "bin", "java"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(System.getProperty(OPTIONS, SHORT).split(" ")));
    return command;
  }

  private static String last(String text) {
    String last = "nothing was run";
    for (Matcher results = RESULTS.matcher(text); results.find(); ) {
      last = results.group(1);
    }
    return last;
  }
}
