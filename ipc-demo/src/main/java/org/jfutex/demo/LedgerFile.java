// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.Path;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * What the processes of {@link LedgerCommand} share: the ledger, and behind it words to find a worker at work when it
 * is killed.
 *
 * <pre>
 *   stop      1: workers end when they have done their part
 *   victim    worker that is to hold the mutex until it is killed, + 1
 *   captive   1: it does
 *   news      changes with that, and when a worker died: the parent's word
 * </pre>
 */
final class LedgerFile implements AutoCloseable {
  /** All of it is one chunk to Chronicle. */
  static final int BYTES = 64 * 1024;

  static final int WORKERS_MAX = 1_000;

  private static final long STOP = BYTES - 64;
  private static final long VICTIM = STOP + FutexWord.BYTES;
  private static final long CAPTIVE = VICTIM + FutexWord.BYTES;
  private static final long NEWS = CAPTIVE + FutexWord.BYTES;

  private static final int NO = 0;
  private static final int YES = 1;

  private final MappedMemory memory;
  private final FutexWord stop;
  private final FutexWord victim;
  private final FutexWord captive;
  private final News news;
  private final Ledger ledger;

  LedgerFile(Path path) throws IOException {
    memory = MappedMemory.open(path);
    stop = memory.word(STOP);
    victim = memory.word(VICTIM);
    captive = memory.word(CAPTIVE);
    news = new News(memory.word(NEWS));
    ledger = new Ledger(path, BYTES);
  }

  Ledger ledger() {
    return ledger;
  }

  News news() {
    return news;
  }

  boolean isStopped() {
    return stop.getVolatile() != NO;
  }

  void stop() {
    stop.setVolatile(YES);
  }

  /** The parent asks a worker to keep the mutex when it has it next. */
  void capture(int worker) {
    captive.setVolatile(NO);
    victim.setVolatile(worker + 1);
  }

  /** To be called before there is another worker of this number. */
  void captureNobody() {
    victim.setVolatile(NO);
  }

  boolean isVictim(int worker) {
    return victim.getVolatile() == worker + 1;
  }

  /** The victim says that it holds the mutex. */
  void tellCaptive() {
    captive.setVolatile(YES);
    news.tell();
  }

  boolean hasCaptive() {
    return captive.getVolatile() == YES;
  }

  @Override
  public void close() {
    ledger.close();
    memory.close();
  }
}
