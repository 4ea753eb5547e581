// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.Doorbell;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An Aeron subscription by IPC whose consumer sleeps until the publisher rings. */
@Tag("adapters")
class AeronTest {
  private static final String CHANNEL = "aeron:ipc?term-length=64k";
  private static final int STREAM = 1;
  private static final long MESSAGES = 5000;

  @Test
  void anIdleSubscriberSleepsAndGetsEverything() throws Exception {
    try (SharedFolder folder = new SharedFolder();
        MappedMemory memory = MappedMemory.create(folder.file("bell"), 64);
        MediaDriver driver = MediaDriver.launchEmbedded(driver(folder));
        Aeron aeron = Aeron.connect(client(driver));
        Subscription subscription = aeron.addSubscription(CHANNEL, STREAM);
        Publication publication = aeron.addPublication(CHANNEL, STREAM)) {
      Doorbell doorbell = Doorbell.at(memory, 0);
      List<Long> received = new CopyOnWriteArrayList<>();
      AgentRunner runner =
          new AgentRunner(
              new FutexIdleStrategy(doorbell),
              Throwable::printStackTrace,
              null,
              new Agent() {
                @Override
                public int doWork() {
                  return subscription.poll(
                      (buffer, offset, length, header) -> received.add(buffer.getLong(offset)), 10);
                }

                @Override
                public String roleName() {
                  return "subscriber";
                }
              });
      Thread thread = AgentRunner.startOnThread(runner);
      try (runner) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[Long.BYTES]);
        for (long i = 0; i < MESSAGES; i++) {
          if (i % (MESSAGES / 5) == 0) {
            Eventually.until("the subscriber asleep", () -> isAsleep(thread));
          }
          message.putLong(0, i);
          while (publication.offer(message) < 0) { // not connected yet, or too far ahead
            Thread.yield();
          }
          doorbell.ring();
        }
        Eventually.until("all received", () -> received.size() >= MESSAGES);
        Eventually.until("the subscriber asleep", () -> isAsleep(thread));
      }
      assertEquals(LongStream.range(0, MESSAGES).boxed().toList(), received);
    }
  }

  private static MediaDriver.Context driver(SharedFolder folder) {
    return new MediaDriver.Context()
        .aeronDirectoryName(folder.file("driver").toString())
        .dirDeleteOnStart(true)
        .dirDeleteOnShutdown(true)
        .threadingMode(ThreadingMode.SHARED)
        .sharedIdleStrategy(new SleepingMillisIdleStrategy(1));
  }

  private static Aeron.Context client(MediaDriver driver) {
    return new Aeron.Context()
        .aeronDirectoryName(driver.aeronDirectoryName())
        .idleStrategy(new SleepingMillisIdleStrategy(1));
  }

  private static boolean isAsleep(Thread thread) {
    return FutexManager.system().waits().stream().anyMatch(wait -> wait.thread() == thread);
  }
}
