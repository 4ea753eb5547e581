// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process of a program that is built on {@code peer.h}; its only thread is the peer. */
final class CPeer implements Peer {
  private static final long SECONDS = 60;
  private static final String NO_MORE = "no more answers";

  private final Process process;
  private final PrintStream commands;
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final int tid;
  private final long head;
  private final long base;
  private String last;

  /** Of {@code mutex-peer.c}. */
  CPeer(Path file) {
    this("mutex-peer.c", CPrograms.GNU11, file);
  }

  CPeer(String source, List<String> flags, Path file) {
    try {
      process =
          new ProcessBuilder(CPrograms.compile(source, flags).toString(), file.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "answers of " + process.pid());
    reader.setDaemon(true);
    reader.start();
    String[] ready = answer().split(" ");
    tid = Integer.parseInt(ready[0]);
    head = Long.parseUnsignedLong(ready[1], 16);
    base = Long.parseUnsignedLong(ready[2], 16);
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // It was killed.
    }
    answers.add(NO_MORE);
  }

  @Override
  public void tell(String command) {
    last = command;
    commands.print(command + "\n");
    commands.flush();
  }

  @Override
  public String answer() {
    try {
      String answer = answers.poll(SECONDS, TimeUnit.SECONDS);
      if (answer == null || answer.equals(NO_MORE)) {
        throw new AssertionError("C process " + pid() + ", " + last + ": " + answer);
      }
      return answer;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public boolean isDone() {
    return !answers.isEmpty();
  }

  /** Tells it to end by itself, and waits until it has. */
  void end(String command) {
    tell(command);
    awaitEnd();
  }

  @Override
  public void die() {
    process.destroyForcibly();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("C process " + pid() + " does not end by " + last);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public int tid() {
    return tid;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public long head() {
    return head;
  }

  @Override
  public long base() {
    return base;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
