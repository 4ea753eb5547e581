// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A process that gets commands through its stdin and answers with lines. */
final class ChildProcess {
  private static final long GRACE_SECONDS = 5;

  private static final ScheduledExecutorService WATCHDOG =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "watchdog");
            thread.setDaemon(true);
            return thread;
          });

  /** For a run that is interrupted: one that waits for another, which will not come, would do so for some time. */
  private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroy)));
  }

  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;

  ChildProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    ALIVE.add(process);
    process.onExit().thenAccept(ALIVE::remove);
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  void tell(String command) {
    commands.println(command);
  }

  /** Its next line; null if it has ended, or is ended now, since it does not answer in time. */
  String answer(long seconds) throws IOException {
    Future<?> kill = WATCHDOG.schedule(process::destroyForcibly, seconds, TimeUnit.SECONDS);
    String answer = answers.readLine();
    kill.cancel(false);
    return answer;
  }

  /** Whether it answers so to a command that takes no time. */
  boolean answers(String command, String expected) {
    tell(command);
    try {
      return expected.equals(answer(GRACE_SECONDS));
    } catch (IOException e) {
      return false;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** The end of its stdin ends it, soon. */
  void dismiss() {
    commands.close();
  }

  /** Ends it. */
  void end() {
    dismiss();
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
}
