// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.wire.DocumentContext;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.JvmFlags;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.Doorbell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real queue, its appender in this JVM, its tailer in another one. */
@Tag("adapters")
class ChronicleQueueTest {
  private static final int MESSAGES = 20_000;
  private static final int BURSTS = 20;
  private static final long IDLE_MILLIS = 2_000;

  private static final long DOORBELL = 0;
  private static final long READ = 64;
  private static final int MARKED = 128; // i64 CPU time of the tailer's thread when it was marked

  private static final long MARK = -1;
  private static final long END = -2;

  private final SharedFolder folder = new SharedFolder();

  @AfterEach
  void deleteFiles() {
    folder.close();
  }

  /** Reads messages, which are numbers in a row, and says how many. */
  static final class Tailer {
    private long read;

    public static void main(String[] arguments) throws IOException {
      new Tailer().run(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    private void run(Path queuePath, Path shared) throws IOException {
      try (MappedMemory memory = MappedMemory.open(shared);
          ChronicleQueue queue = ChronicleQueue.single(queuePath.toString());
          ExcerptTailer tailer = queue.createTailer()) {
        FutexPauser pauser = new FutexPauser(Doorbell.at(memory, DOORBELL));
        FutexWord count = memory.word(READ);
        ByteBuffer marked = memory.buffer();
        while (true) {
          long message;
          try (DocumentContext document = tailer.readingDocument()) {
            if (!document.isPresent()) {
              pauser.pause();
              continue;
            }
            message = document.wire().bytes().readLong();
          }
          pauser.reset();
          if (message == END) {
            return;
          }
          if (message == MARK) {
            marked.putLong(MARKED, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
          } else if (message != read++) {
            throw new AssertionError("found " + message + ", expected " + (read - 1));
          }
          count.getAndAdd(1);
        }
      }
    }
  }

  @Test
  void anIdleTailerSleepsAndMissesNothing() throws Exception {
    Path shared = folder.file("shared");
    Path queuePath = folder.file("queue");
    try (MappedMemory memory = MappedMemory.create(shared, 4096);
        ChronicleQueue queue = ChronicleQueue.single(queuePath.toString());
        ExcerptAppender appender = queue.createAppender()) {
      Doorbell doorbell = Doorbell.at(memory, DOORBELL);
      FutexWord count = memory.word(READ);
      Process tailer =
          ChildJvm.start(
              JvmFlags.of(FutexPauser.class),
              Tailer.class,
              queuePath.toString(),
              shared.toString());
      try {
        int sent = 0;
        for (int burst = 0; burst < BURSTS; burst++) {
          awaitAsleep(doorbell, tailer);
          for (int i = 0; i < MESSAGES / BURSTS; i++) {
            append(appender, sent++);
            doorbell.ring();
          }
          int all = sent;
          Eventually.until("all read", () -> count.getVolatile() == all || !tailer.isAlive());
        }
        awaitAsleep(doorbell, tailer);
        append(appender, sent); // and killed before the ring, as it were
        Eventually.until(
            "found without a ring", () -> count.getVolatile() > MESSAGES || !tailer.isAlive());
        assertEquals(MESSAGES + 1, count.getVolatile());

        long before = mark(appender, doorbell, memory, count, tailer);
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS); // what is measured, not waited for
        long idle = mark(appender, doorbell, memory, count, tailer) - before;
        assertTrue(
            idle < TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS) / 50,
            "CPU time of " + IDLE_MILLIS + " ms idle: " + idle + " ns");

        append(appender, END);
        doorbell.ring();
        assertTrue(tailer.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, tailer.exitValue());
      } finally {
        tailer.destroyForcibly();
      }
    }
  }

  /** It is there when this returns: then is the time to ring. */
  private static void append(ExcerptAppender appender, long message) {
    try (DocumentContext document = appender.writingDocument()) {
      document.wire().bytes().writeLong(message);
    }
  }

  private static void awaitAsleep(Doorbell doorbell, Process tailer) {
    Eventually.until(
        "tailer asleep", () -> doorbell.toString().contains("one sleeps") || !tailer.isAlive());
  }

  private static long mark(
      ExcerptAppender appender,
      Doorbell doorbell,
      MappedMemory memory,
      FutexWord count,
      Process tailer) {
    int before = count.getVolatile();
    awaitAsleep(doorbell, tailer);
    append(appender, MARK);
    doorbell.ring();
    Eventually.until("marked", () -> count.getVolatile() != before || !tailer.isAlive());
    awaitAsleep(doorbell, tailer);
    return memory.buffer().getLong(MARKED);
  }
}
