// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr: one that moves on a terminal, a line now and then in a log. */
final class Progress {
  private static final int WIDTH = 79;
  private static final int ON_TERMINAL_MILLIS = 100;
  private static final int IN_LOG_MILLIS = 2_000;

  private Progress() {}

  /** Closing a bar draws it once more: in a log, the same line twice. */
  private static final class LogLines implements Consumer<String> {
    private String last;

    @Override
    public void accept(String line) {
      if (!line.equals(last)) {
        last = line;
        System.err.println(line);
      }
    }
  }

  static ProgressBar bar(String task, long max) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(max)
            .setStyle(ProgressBarStyle.ASCII);
    // Both widths are given, so that the library does not go and ask the terminal.
    return stderrIsTerminal()
        ? builder
            .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
            .setUpdateIntervalMillis(ON_TERMINAL_MILLIS)
            .build()
        : builder
            .setConsumer(new DelegatingProgressBarConsumer(new LogLines(), WIDTH))
            .setUpdateIntervalMillis(IN_LOG_MILLIS)
            .build();
  }

  /** System.console() tells of stdin and stdout, never of stderr. */
  private static boolean stderrIsTerminal() {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return target.startsWith("/dev/pts") || target.toString().startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
