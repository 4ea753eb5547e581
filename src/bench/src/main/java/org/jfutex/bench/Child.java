// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A child process that measures, commanded over its stdin; see {@code ChildMain} and {@code peer.h}. */
final class Child implements Contestant {
  /** For a start with warm-up, or a slice, on a machine that is busy with something else. */
  private static final long PATIENCE_SECONDS = 60;

  private static final long GRACE_SECONDS = 5;

  /** Of an answer, behind what every slice has. */
  private static final int FIRST_LATENCY = 4;

  private static final ScheduledExecutorService WATCHDOG =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "watchdog");
            thread.setDaemon(true);
            return thread;
          });

  private final List<String> command;
  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;

  Child(List<String> command) throws IOException {
    this.command = command;
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Waits until it is warm. */
  Child ready() throws IOException {
    try {
      String answer = answer();
      if (!"ready".equals(answer)) {
        throw new IOException("found '" + answer + "', expected 'ready', from " + this);
      }
      return this;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public Slice slice(long millis) throws IOException {
    begin(millis);
    return end();
  }

  /** The first half of a slice. */
  void begin(long millis) {
    commands.println("slice " + millis);
  }

  /** The second half of a slice. */
  Slice end() throws IOException {
    String[] numbers = answer().split(" ");
    return new Slice(
        Double.parseDouble(numbers[0]),
        Double.parseDouble(numbers[1]),
        Double.parseDouble(numbers[2]),
        Double.parseDouble(numbers[3]),
        Stream.of(numbers).skip(FIRST_LATENCY).map(Long::valueOf).toList());
  }

  @Override
  public long cpuNanos() {
    return CpuTime.nanos(process.pid());
  }

  @Override
  public Set<Integer> cpus() {
    return Affinity.of(process.pid());
  }

  private String answer() throws IOException {
    Future<?> kill =
        WATCHDOG.schedule(process::destroyForcibly, PATIENCE_SECONDS, TimeUnit.SECONDS);
    String answer = answers.readLine();
    kill.cancel(false);
    if (answer == null) {
      throw new IOException(
          "it ended, or was ended after " + PATIENCE_SECONDS + " s without an answer: " + this);
    }
    return answer;
  }

  /** The end of its stdin ends it. */
  @Override
  public void close() {
    commands.close();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it at once; for one that nobody would tell. */
  void destroy() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return String.join(" ", command);
  }
}
