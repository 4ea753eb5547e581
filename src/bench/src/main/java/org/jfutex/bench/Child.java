// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jfutex.bench.child.ChildMain;

/** A child process that measures, commanded over its stdin; see {@link ChildMain} and {@code peer.h}. */
final class Child implements Contestant {
  /** For a start with warm-up, or a slice, on a machine that is busy with something else. */
  private static final long PATIENCE_SECONDS = 60;

  /** Of an answer, behind what every slice has. */
  private static final int FIRST_LATENCY = 4;

  private final List<String> command;

  /** What of the command is no task; nothing if this is no JVM that can have another one. */
  private final List<String> jvm;

  private final ChildProcess process;
  private boolean sound; // whatever it was asked, it has answered as it should

  /** Starts it, or takes a JVM that is idle. */
  Child(List<String> command) throws IOException {
    this.command = command;
    jvm = command.subList(0, command.indexOf(ChildMain.class.getName()) + 1);
    Optional<ChildProcess> idle = IdleJvms.take(jvm);
    process = idle.isPresent() ? idle.get() : new ChildProcess(command);
    if (idle.isPresent()) {
      List<String> task = command.subList(jvm.size(), command.size());
      process.tell(ChildMain.TASK + String.join(ChildMain.BETWEEN_WORDS, task));
    }
  }

  /** Waits until it is warm. */
  Child ready() throws IOException {
    try {
      String answer = answer();
      if (!ChildMain.READY.equals(answer)) {
        throw found(answer, ChildMain.READY);
      }
      sound = true;
      return this;
    } catch (IOException e) {
      destroy();
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
    sound = false;
    process.tell(ChildMain.SLICE + millis);
  }

  /** The second half of a slice. */
  Slice end() throws IOException {
    String answer = answer();
    String[] numbers = answer.split(" ");
    if (numbers.length < FIRST_LATENCY) {
      throw found(answer, FIRST_LATENCY + " numbers and more");
    }
    try {
      Slice slice =
          new Slice(
              Double.parseDouble(numbers[0]),
              Double.parseDouble(numbers[1]),
              Double.parseDouble(numbers[2]),
              Double.parseDouble(numbers[3]),
              Stream.of(numbers).skip(FIRST_LATENCY).map(Long::valueOf).toList());
      sound = true;
      return slice;
    } catch (NumberFormatException e) {
      throw found(answer, "numbers");
    }
  }

  private IOException found(String answer, String expected) {
    return new IOException("found '" + answer + "', expected " + expected + ", from " + this);
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
    String answer = process.answer(PATIENCE_SECONDS);
    if (answer == null) {
      throw new IOException(
          "it ended, or was ended after " + PATIENCE_SECONDS + " s without an answer: " + this);
    }
    return answer;
  }

  /** Ends its task, and it; or keeps it for another one, if there was nothing wrong with it. */
  @Override
  public void close() {
    if (!sound) {
      destroy(); // it may wait for others that are no more
    } else if (jvm.isEmpty() || !IdleJvms.areKept()) {
      process.end();
    } else if (process.answers(ChildMain.END, ChildMain.ENDED)) {
      IdleJvms.keep(jvm, process);
    } else {
      destroy();
    }
  }

  /** Ends it at once; for one that nobody would tell. */
  void destroy() {
    process.destroy();
  }

  @Override
  public String toString() {
    return String.join(" ", command);
  }
}
