// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.LongStream;

/** What comes through stdin, and the answers; see {@link ChildMain}. */
final class Commands {
  private final BufferedReader commands =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final PrintStream answers =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  void sayReady() {
    answers.println(ChildMain.READY);
  }

  /** Runs slices until the task is to end. */
  void serve(Task task) throws Exception {
    for (String command; !isEnd(command = commands.readLine()); ) {
      answer(task.slice(Long.parseLong(rest(command, ChildMain.SLICE))));
    }
  }

  /** Waits until a task that nothing is asked of is to end. */
  void awaitEnd() throws IOException {
    String command = commands.readLine();
    if (!isEnd(command)) {
      throw new IOException("found '" + command + "', expected '" + ChildMain.END + "'");
    }
  }

  private static boolean isEnd(String command) {
    return command == null || command.equals(ChildMain.END);
  }

  /** After the end of one: the words of another, or null if there is none. */
  List<String> nextTask() throws IOException {
    answers.println(ChildMain.ENDED);
    String command = commands.readLine();
    return command == null
        ? null
        : List.of(rest(command, ChildMain.TASK).split(ChildMain.BETWEEN_WORDS));
  }

  private static String rest(String command, String begin) throws IOException {
    if (!command.startsWith(begin)) {
      throw new IOException("found '" + command + "', expected '" + begin + "' and more");
    }
    return command.substring(begin.length());
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
