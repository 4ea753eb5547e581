// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.LongStream;

/** What comes through stdin, and the answers; see {@link ChildMain}. */
final class Commands {
  private static final String SLICE = "slice ";

  private final BufferedReader commands =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final PrintStream answers =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  void sayReady() {
    answers.println("ready");
  }

  /** Runs slices until there are no more. */
  void serve(Task task) throws Exception {
    for (String command; (command = commands.readLine()) != null; ) {
      if (!command.startsWith(SLICE)) {
        throw new IOException("found '" + command + "', expected 'slice MILLIS'");
      }
      answer(task.slice(Long.parseLong(command.substring(SLICE.length()))));
    }
  }

  private void answer(Task.Slice slice) {
    StringJoiner answer = new StringJoiner(" ");
    answer.add(
        String.format(
            Locale.ROOT,
            "%.4f %.4f %.4f %.4f",
            slice.value(),
            slice.sleepers(),
            slice.least(),
            slice.most()));
    LongStream.of(slice.nanos()).mapToObj(Long::toString).forEach(answer::add);
    answers.println(answer);
  }
}
