// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.nio.ByteBuffer;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * What the two processes of the ping-pong share; a cache line for each.
 *
 * <pre>
 *     0 +-------------------------------------------------------------+
 *       | ping     u32  number of the last ping; the ponger sleeps    |
 *    64 +-------------------------------------------------------------+
 *       | pong     u32  number of the last pong; the pinger sleeps;   |
 *       |               -1 the ponger is gone                         |
 *   128 +-------------------------------------------------------------+
 *       | cpu      i64  CPU time of the ponger's last wait, in ns     |
 *       +-------------------------------------------------------------+
 * </pre>
 */
final class PingPongFile {
  private static final int CACHE_LINE = 64;
  private static final int PING = 0;
  private static final int PONG = PING + CACHE_LINE;
  private static final int CPU = PONG + CACHE_LINE;

  static final int BYTES = CPU + CACHE_LINE;

  /** In the place of a pong. */
  static final int GONE = -1;

  private final FutexManager futexes = FutexManager.system();
  private final ByteBuffer data;
  private final FutexWord ping;
  private final FutexWord pong;

  PingPongFile(MappedMemory memory) {
    data = memory.buffer();
    ping = memory.word(PING);
    pong = memory.word(PONG);
  }

  void ping(int number) {
    say(ping, number);
  }

  void pong(int number) {
    say(pong, number);
  }

  /** Sleeps until the ping after {@code last}. */
  int awaitPingAfter(int last) {
    return awaitAfter(ping, last, Deadline.NONE);
  }

  /** Sleeps until the pong after {@code last}; {@code last} itself if the deadline passed. */
  int awaitPongAfter(int last, long deadline) {
    return awaitAfter(pong, last, deadline);
  }

  /** First the word, then the wake: who is about to sleep sees the one, who sleeps hears the other. */
  private void say(FutexWord word, int number) {
    word.setVolatile(number);
    futexes.wake(word, 1);
  }

  /** A wake-up says only "look again", so this loops; the deadline is absolute and stays what it is. */
  private int awaitAfter(FutexWord word, int last, long deadline) {
    int now = word.getVolatile();
    while (now == last
        && futexes.wait(word, last, FutexManager.ANY_BIT, deadline) != WaitResult.TIMED_OUT) {
      now = word.getVolatile();
    }
    return now;
  }

  /** To be followed by the pong that publishes it. */
  void setCpuNanos(long nanos) {
    data.putLong(CPU, nanos);
  }

  long cpuNanos() {
    return data.getLong(CPU);
  }
}
