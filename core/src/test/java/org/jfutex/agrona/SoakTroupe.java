// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.memory.JvmFlags;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;

/** The processes of {@link QueueSoakTest}, and the watchdog that reads their words. */
final class SoakTroupe implements AutoCloseable {
  static final int PRODUCERS = 3;

  /** The healing period, and a margin for a machine that is busy with something else. */
  private static final long ASLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500 + 5_000);

  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final SharedFolder folder = new SharedFolder();
  private final SoakFile file = new SoakFile(folder.file("soak"));
  private final List<String> flags = new ArrayList<>(JvmFlags.of(BlockingRingBuffer.class));
  private final Process consumer;
  private final Process[] producers = new Process[PRODUCERS];
  private Process paused; // or null
  private long pausedSince;

  private long head; // where it was last, and since when
  private long headSince;
  private long asleepSince; // the consumer, before a message that is there

  /**
   * @param more flags of the JVMs
   */
  SoakTroupe(String... more) {
    flags.addAll(List.of(more));
    flags.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC"));
    consumer = start("consumer", PRODUCERS);
    for (int i = 0; i < PRODUCERS; i++) {
      producers[i] = start("producer", i);
    }
    headSince = System.nanoTime();
    asleepSince = headSince;
    for (int i = 0; i < PRODUCERS; i++) {
      awaitProgress(i);
    }
  }

  private Process start(String role, int number) {
    return ChildJvm.start(
        flags, SoakJvm.class, folder.file("soak").toString(), role, Integer.toString(number));
  }

  /** Of all producers. */
  long attempted() {
    return IntStream.range(0, PRODUCERS).mapToLong(file::attempted).sum();
  }

  /** Until a producer writes. */
  void awaitProgress(int producer) {
    long before = file.acknowledged(producer);
    Eventually.until(
        "producer " + producer + " to write",
        () -> {
          watch();
          return file.acknowledged(producer) != before;
        });
  }

  void killAndReplace(int producer) throws InterruptedException {
    producers[producer].destroyForcibly().waitFor();
    producers[producer] = start("producer", producer);
  }

  /**
   * Stops a process wherever it is.
   *
   * @param number of a producer, or the one after the last for the consumer
   */
  void pause(int number) throws Exception {
    paused = number == PRODUCERS ? consumer : producers[number];
    pausedSince = System.nanoTime();
    signal("STOP", paused);
  }

  void goOn() throws Exception {
    signal("CONT", paused);
    paused = null;
    long nanos = System.nanoTime() - pausedSince;
    headSince += nanos; // this time does not count
    asleepSince += nanos;
  }

  private static void signal(String name, Process to) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + to.pid()).start().waitFor();
  }

  /** Looks whether all is well at this moment. */
  void watch() {
    long now = System.nanoTime();
    checkAlive();
    long found = file.head();
    if (found != head) {
      head = found;
      headSince = now;
    }
    if (!file.isAsleepBeforeAMessage() || headSince == now) {
      asleepSince = now;
    }
    if (paused != null) {
      return;
    }
    if (now - asleepSince > ASLEEP_NANOS) {
      throw new AssertionError("the consumer sleeps before a message; " + this);
    }
    if (now - headSince > STUCK_NANOS) {
      throw new AssertionError("nothing is read any more; " + this);
    }
  }

  private void checkAlive() {
    if (!consumer.isAlive()) {
      throw new AssertionError("the consumer has ended; what it found is on stderr");
    }
    for (Process producer : producers) {
      if (!producer.isAlive()) {
        throw new AssertionError("a producer has ended; what it found is on stderr");
      }
    }
  }

  /** Lets all end, and looks at what they left. */
  void endWell() throws InterruptedException {
    file.end();
    for (Process producer : producers) {
      awaitEnd(producer);
    }
    Eventually.until("all to be read, of " + this, file::isEmpty);
    for (int i = 0; i < PRODUCERS; i++) {
      if (file.seen(i) < file.acknowledged(i)) {
        throw new AssertionError("the last message of producer " + i + " was lost; " + this);
      }
    }
    if (file.rings() == 0) {
      throw new AssertionError("the consumer never slept; " + this);
    }
    try (RingProducer last = file.queue().producer()) {
      last.write(SoakJvm.LAST, new UnsafeBuffer(new byte[0]), 0, 0);
    }
    awaitEnd(consumer);
  }

  private void awaitEnd(Process process) throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError(
          "found " + process + ", expected it to have ended with status 0; " + this);
    }
  }

  @Override
  public String toString() {
    return "head "
        + file.head()
        + ", "
        + file.queue().messages()
        + ", seen "
        + IntStream.range(0, PRODUCERS).mapToObj(file::seen).toList()
        + ", acknowledged "
        + IntStream.range(0, PRODUCERS).mapToObj(file::acknowledged).toList();
  }

  /** Ends all; SIGKILL reaches who is stopped, too. */
  @Override
  public void close() {
    consumer.destroyForcibly().onExit().join();
    for (Process producer : producers) {
      producer.destroyForcibly().onExit().join();
    }
    file.close();
    folder.close();
  }
}
