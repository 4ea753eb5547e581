// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM that runs one class of the tests to its end. */
public final class ChildJvm {
  private static final long SECONDS_MAX = 60;

  private ChildJvm() {}

  /** What it printed on both streams, and its exit status. */
  public record Ended(int status, String output) {}

  public static Ended run(List<String> flags, Class<?> main, String... arguments) {
    return run(SECONDS_MAX, flags, main.getName(), arguments);
  }

  /**
   * @param main the name of a class of the tests, or of a file of Java source
   */
  public static Ended run(List<String> flags, String main, String... arguments) {
    return run(SECONDS_MAX, flags, main, arguments);
  }

  /** One that may take so long. */
  public static Ended run(long seconds, List<String> flags, String main, String... arguments) {
    List<String> command = command(flags, main, arguments);
    try {
      File output = File.createTempFile("jfutex-child-", ".out");
      try {
        Process process =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("still running after " + seconds + " s: " + command);
        }
        return new Ended(
            process.exitValue(), Files.readString(output.toPath(), StandardCharsets.UTF_8));
      } finally {
        Files.deleteIfExists(output.toPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** As {@link #run(List, Class, String...)}, so many of them at once, each of which is to end well. */
  public static void runAll(int count, List<String> flags, Class<?> main, String... arguments) {
    List<Actor<Ended>> children =
        Stream.generate(() -> Actor.start(() -> run(flags, main, arguments))).limit(count).toList();
    for (Actor<Ended> child : children) {
      Ended ended = child.result();
      if (ended.status() != 0) {
        throw new AssertionError(
            main + " ended with status " + ended.status() + ": " + ended.output());
      }
    }
  }

  /** One that is not waited for; what it prints is this JVM's. Whoever starts it ends it. */
  public static Process start(List<String> flags, Class<?> main, String... arguments) {
    try {
      return new ProcessBuilder(command(flags, main.getName(), arguments)).inheritIO().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How to start one. */
  public static List<String> command(List<String> flags, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of(arguments));
    return command;
  }
}
