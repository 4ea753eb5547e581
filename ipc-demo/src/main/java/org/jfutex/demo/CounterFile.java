// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * What the processes of the counter share. A cache line for each, so that who writes one does not slow down who reads
 * another.
 *
 * <pre>
 *     0 +----------------------------------------------------------+
 *       | lock       guards the counter                            |
 *  1088 +----------------------------------------------------------+
 *       | start      u32  0 wait, 1 go: what workers sleep on      |
 *  1152 +----------------------------------------------------------+
 *       | news       u32  changes with each of the next two, and   |
 *       |                 when a worker died: the parent's word    |
 *       | arrived    u32  workers that came to the start line      |
 *       | finished   u32  workers that are done                    |
 *  1216 +----------------------------------------------------------+
 *       | counter    i64  plain, not atomic: under the lock only   |
 *  1280 +----------------------------------------------------------+
 *       | progress   i64  of worker 0, for the progress bar        |
 *  1344 +----------------------------------------------------------+
 *       | progress   i64  of worker 1 ...                          |
 *       +----------------------------------------------------------+
 * </pre>
 */
final class CounterFile {
  private static final int CACHE_LINE = 64;
  private static final int LOCK = 0;
  private static final int START = LOCK + LockKind.BYTES;
  private static final int NEWS = START + CACHE_LINE;
  private static final int ARRIVED = NEWS + FutexWord.BYTES;
  private static final int FINISHED = ARRIVED + FutexWord.BYTES;
  private static final int COUNTER = NEWS + CACHE_LINE;
  private static final int PROGRESS = COUNTER + CACHE_LINE;

  private static final int WAIT = 0;
  private static final int GO = 1;

  private final FutexManager futexes = FutexManager.system();
  private final MappedMemory memory;
  private final ByteBuffer data;
  private final FutexWord start;
  private final News news;
  private final FutexWord arrived;
  private final FutexWord finished;

  CounterFile(MappedMemory memory) {
    this.memory = memory;
    data = memory.buffer();
    start = memory.word(START);
    news = new News(memory.word(NEWS));
    arrived = memory.word(ARRIVED);
    finished = memory.word(FINISHED);
  }

  static long bytes(int workers) {
    return PROGRESS + (long) workers * CACHE_LINE;
  }

  /** Should its owner be killed there is nothing to repair: an increment is one store, made or not. */
  Lock lock(LockKind kind) {
    return kind.at(memory, LOCK, mutex -> {});
  }

  /** Not atomic on purpose: read, add and write are three steps, and only the lock makes them one. */
  void increment() {
    data.putLong(COUNTER, data.getLong(COUNTER) + 1);
  }

  long counter() {
    return data.getLong(COUNTER);
  }

  void setProgress(int worker, long done) {
    data.putLong(PROGRESS + worker * CACHE_LINE, done);
  }

  /** May lag behind: the slots are plain memory, and nobody waits for them. */
  long progress(int workers) {
    long sum = 0;
    for (int worker = 0; worker < workers; worker++) {
      sum += data.getLong(PROGRESS + worker * CACHE_LINE);
    }
    return sum;
  }

  /** A worker comes to the start line and sleeps there until the parent opens it. */
  void awaitStart() {
    arrived.getAndAdd(1);
    news.tell();
    while (start.getVolatile() == WAIT) {
      futexes.wait(start, WAIT);
    }
  }

  /** The parent lets all workers go. */
  void open() {
    start.setVolatile(GO);
    futexes.wake(start, FutexManager.ALL);
  }

  /** A worker is done; what it did happened before who reads {@link #finished()} goes on. */
  void finish() {
    finished.getAndAdd(1);
    news.tell();
  }

  /** What the parent sleeps on. */
  News news() {
    return news;
  }

  int arrived() {
    return arrived.getVolatile();
  }

  int finished() {
    return finished.getVolatile();
  }
}
