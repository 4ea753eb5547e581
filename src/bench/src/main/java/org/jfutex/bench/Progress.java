// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Which line is being measured, and the time that is left, on stderr: a bar on a terminal, a row a line in a log. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 110;
  private static final int LONGEST = 3;

  private final int lines;
  private final ProgressBar bar; // null in a log
  private final long start = System.nanoTime();
  private final List<Taken> taken = new ArrayList<>();
  private int begun;
  private String title; // of the line that is being measured
  private long lineStart;

  private record Taken(String title, long nanos) {}

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
  void begin(String next) {
    finish();
    title = next;
    lineStart = System.nanoTime();
    if (bar == null) {
      System.err.printf("[%d/%d] %s%s%n", begun + 1, lines, title, left());
    } else {
      bar.stepTo(begun).setExtraMessage(title);
    }
    begun++;
  }

  private void finish() {
    if (title != null) {
      taken.add(new Taken(title, System.nanoTime() - lineStart));
      title = null;
    }
  }

  /** The time, and which lines took most of it: a quick run has to stay quick. */
  String took() {
    return text(elapsed())
        + taken.stream()
            .sorted(Comparator.comparing(Taken::nanos).reversed())
            .limit(LONGEST)
            .map(line -> text(Duration.ofNanos(line.nanos)) + " " + line.title)
            .collect(Collectors.joining("; ", ", longest: ", ""));
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
    finish();
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
