// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Which line is being measured, and the time that is left, on stderr: a bar on a terminal, a row a line in a log. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 110;

  private final int lines;
  private final ProgressBar bar; // null in a log
  private final long start = System.nanoTime();
  private int begun;

  Progress(int lines) {
    this.lines = lines;
    bar =
        stderrIsTerminal()
            ? new ProgressBarBuilder()
                .setTaskName("measuring")
                .setInitialMax(lines)
                .setStyle(ProgressBarStyle.ASCII)
                // With the width given, the library does not go and ask the terminal.
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build()
            : null;
  }

  /** Measures the next line. */
  void begin(String title) {
    if (bar == null) {
      System.err.printf("[%d/%d] %s%s%n", begun + 1, lines, title, left());
    } else {
      bar.stepTo(begun).setExtraMessage(title);
    }
    begun++;
  }

  /** By what those before took; nothing is known before the first. */
  private String left() {
    return begun == 0
        ? ""
        : ", " + text(elapsed().multipliedBy(lines - begun).dividedBy(begun)) + " left";
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Minutes and seconds. */
  static String text(Duration duration) {
    return String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.stepTo(begun).setExtraMessage("");
      bar.close();
    }
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
