// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jfutex.agrona.BlockingRingBuffer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.region.SharedRegion;

/**
 * What the processes of {@link QueueCommand} share, by name: orders, and words to begin and end each phase together.
 *
 * <pre>
 *   orders     the ring buffer
 *   phase      how many phases have begun
 *   sent       how often a producer sent all its orders of a phase
 *   finished   how often a process came to the end of a phase; before the first one, to the start
 *   news       changes with that, and when a process died: the parent's word
 *   began      i64  when the phase begins, nanoTime()
 *   figures    i64  each: what was found out, see QueueFigure
 * </pre>
 */
final class QueueFile implements AutoCloseable {
  private static final int CAPACITY = 256 * 1024;

  /** The orders, and room for the rest. */
  static final long BYTES = 512 * 1024;

  /** So that a producer which sleeps until the phase begins is there when its first order is due. */
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final FutexManager futexes = FutexManager.system();
  private final SharedRegion region;
  private final MappedMemory queue;
  private final BlockingRingBuffer orders;
  private final FutexWord phase;
  private final FutexWord sent;
  private final FutexWord finished;
  private final News news;
  private final ByteBuffer began;
  private final ByteBuffer figures;

  QueueFile(Path path) throws IOException {
    region = SharedRegion.open(path, BYTES);
    queue = MappedMemory.wrap(region.bytes("orders", (int) BlockingRingBuffer.bytes(CAPACITY)));
    orders = BlockingRingBuffer.manyToOne(queue, 0, CAPACITY);
    phase = region.word("phase");
    sent = region.word("sent");
    finished = region.word("finished");
    news = new News(region.word("news"));
    began = region.bytes("began", Long.BYTES);
    figures = region.bytes("figures", QueueFigure.values().length * Long.BYTES);
  }

  BlockingRingBuffer orders() {
    return orders;
  }

  /** The parent lets a phase begin. */
  void begin(QueuePhase next) {
    began.putLong(0, System.nanoTime() + LEAD_NANOS);
    phase.setVolatile(next.ordinal() + 1);
    futexes.wake(phase, FutexManager.ALL);
  }

  /** When the current phase began, or will; nanoTime(). */
  long began() {
    return began.getLong(0);
  }

  /** A process is at its start, or has come to the end of a phase: sleeps until the next one begins. */
  void awaitPhase(QueuePhase next) {
    finished.getAndAdd(1);
    news.tell();
    int begun = phase.getVolatile();
    while (begun <= next.ordinal()) {
      futexes.wait(phase, begun);
      begun = phase.getVolatile();
    }
  }

  /** How often a process came to the end of a phase; the start counts. */
  int finished() {
    return finished.getVolatile();
  }

  /** A producer has sent all its orders of a phase. */
  void sentAll() {
    sent.getAndAdd(1);
  }

  /** How often a producer did. */
  int sent() {
    return sent.getVolatile();
  }

  /** What the parent sleeps on. */
  News news() {
    return news;
  }

  /** The consumer tells; to be followed by {@link #awaitPhase}, which publishes it. */
  void set(QueueFigure figure, long value) {
    figures.putLong(figure.ordinal() * Long.BYTES, value);
  }

  long get(QueueFigure figure) {
    return figures.getLong(figure.ordinal() * Long.BYTES);
  }

  @Override
  public void close() {
    queue.close();
    region.close();
  }
}
