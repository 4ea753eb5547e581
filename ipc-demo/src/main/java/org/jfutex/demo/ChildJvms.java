// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * JVMs that this one starts from its own installation and class path, and watches. None outlives it: {@link #close()},
 * the end of this JVM, and, should it be killed, {@link #endWithParent()} see to that.
 */
final class ChildJvms implements AutoCloseable {
  private static final int NATIVE_ACCESS_SINCE = 22;
  private static final List<String> HANDED_ON =
      List.of("-Djfutex.", "-Djna.", "--add-exports=", "--add-opens=", "--sun-misc-");
  private static final int OUTPUT_LIMIT_BYTES = 64 * 1024;
  private static final long OUTPUT_PATIENCE_SECONDS = 5;

  private final List<Child> children = new CopyOnWriteArrayList<>();
  private final Runnable onFailure;
  private final AtExit killing = new AtExit(this::killAll);
  private int started;

  private record Child(String name, Process process, CompletableFuture<String> output) {}

  /**
   * @param onFailure called, by another thread, when a child ended with another status than 0
   */
  ChildJvms(Runnable onFailure) {
    this.onFailure = onFailure;
  }

  /** Starts {@code main} in a new JVM, which gets this one's flags; its process id. */
  long start(Class<?> main, Object... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(String.join(File.separator, System.getProperty("java.home"), "bin", "java"));
    // A small heap and the simplest collector: a JVM that starts fast and leaves the memory to
    // others.
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"));
    if (Runtime.version().feature() >= NATIVE_ACCESS_SINCE) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> HANDED_ON.stream().anyMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    started++;
    String name = main.getSimpleName() + " " + started;
    children.add(new Child(name, process, collect(process.getInputStream(), name)));
    process
        .onExit()
        .thenAccept(
            ended -> {
              if (ended.exitValue() != 0) {
                onFailure.run();
              }
            });
    return process.pid();
  }

  /** Reads to the end, or the child would block once the pipe is full. */
  private static CompletableFuture<String> collect(InputStream output, String name) {
    CompletableFuture<String> collected = new CompletableFuture<>();
    Thread collector =
        new Thread(
            () -> {
              try (output) {
                byte[] kept = output.readNBytes(OUTPUT_LIMIT_BYTES);
                output.transferTo(OutputStream.nullOutputStream());
                collected.complete(new String(kept, StandardCharsets.UTF_8).strip());
              } catch (IOException e) {
                collected.complete("its output could not be read: " + e);
              }
            },
            "output of " + name);
    collector.setDaemon(true);
    collector.start();
    return collected;
  }

  /**
   * Throws if a child ended with another status than 0.
   *
   * @throws ViolationException naming the child, its status and what it printed
   */
  void checkNoneFailed() throws ViolationException {
    for (Child child : children) {
      if (!child.process.isAlive() && child.process.exitValue() != 0) {
        throw new ViolationException(
            child.name
                + " (process "
                + child.process.pid()
                + ") ended with status "
                + child.process.exitValue()
                + ", expected 0; it printed: "
                + outputOf(child));
      }
    }
  }

  /**
   * Waits until all have ended well.
   *
   * @throws ViolationException if one did not, or not in time
   */
  void awaitEnd(long timeout, TimeUnit unit) throws ViolationException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    try {
      for (Child child : children) {
        if (!child.process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          throw new ViolationException(
              child.name
                  + " (process "
                  + child.process.pid()
                  + ") still runs, expected it to end within "
                  + timeout
                  + " "
                  + unit);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ViolationException("interrupted while waiting for the children to end");
    }
    checkNoneFailed();
  }

  /**
   * Kills one of them by SIGKILL, of which it notices nothing. That is no failure: from here it is none of them.
   *
   * @throws ViolationException if there is no such process among them
   */
  void kill(long pid) throws ViolationException {
    for (Child child : children) {
      if (child.process.pid() == pid) {
        child.process.destroyForcibly();
        children.remove(child);
        return;
      }
    }
    throw new ViolationException("found process " + pid + " to kill, expected one of " + children);
  }

  private static String outputOf(Child child) {
    String output =
        child
            .output
            .completeOnTimeout("(not known)", OUTPUT_PATIENCE_SECONDS, TimeUnit.SECONDS)
            .join();
    return output.isEmpty() ? "nothing" : System.lineSeparator() + output;
  }

  private void killAll() {
    for (Child child : children) {
      child.process.destroyForcibly();
    }
    for (Child child : children) {
      child.process.onExit().join();
    }
  }

  @Override
  public void close() {
    killing.close();
  }

  /**
   * To be called first by a child. Its stdin is a pipe whose other end only the parent has, so it ends when the parent
   * does, in whatever way.
   */
  static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever written; only the end counts.
                }
              } catch (IOException e) {
                // As good as the end.
              }
              Runtime.getRuntime().halt(1);
            },
            "end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }
}
