// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.function.LongConsumer;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.threads.Pauser;
import net.openhft.chronicle.wire.DocumentContext;
import org.jfutex.chronicle.FutexPauser;
import org.jfutex.sync.Doorbell;

/**
 * A Chronicle queue whose tailer pauses while there is nothing to read.
 *
 * @param queue whose files who measures deletes
 * @param doorbell what the appender rings; null if the tailer does not sleep by it
 */
record QueueLink(ChronicleQueue queue, Pauser pauser, Doorbell doorbell) implements Link {
  /**
   * @param pause how the tailer does
   * @param doorbell for one that sleeps
   */
  static QueueLink of(String pause, ChronicleQueue queue, Doorbell doorbell) {
    return "futex".equals(pause)
        ? new QueueLink(queue, new FutexPauser(doorbell), doorbell)
        : new QueueLink(queue, pauser(pause), null);
  }

  /** Chronicle's own. */
  private static Pauser pauser(String pause) {
    return switch (pause) {
      case "busy" -> Pauser.busy();
      case "balanced" -> Pauser.balanced();
      case "millis" -> Pauser.millis(1);
      case "sleepy" -> Pauser.sleepy();
      default -> throw new IllegalArgumentException("no such pauser: " + pause);
    };
  }

  @Override
  public Sender sender() {
    ExcerptAppender appender = queue.createAppender();
    return message -> {
      try (DocumentContext document = appender.writingDocument()) {
        document.wire().bytes().writeLong(message);
      }
      if (doorbell != null) {
        doorbell.ring();
      }
    };
  }

  @Override
  public Receiver receiver(LongConsumer handler) {
    ExcerptTailer tailer = queue.createTailer();
    return () -> {
      long message;
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          pauser.pause();
          return;
        }
        message = document.wire().bytes().readLong();
      }
      pauser.reset();
      handler.accept(message);
    };
  }
}
