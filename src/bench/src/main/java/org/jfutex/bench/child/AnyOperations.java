// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * Two processes, of which one waits for any of several words, and the other answers to one of them, each in its turn;
 * {@code crowd-peer.c} in Java, on the same words.
 */
final class AnyOperations implements WordsOperations.Pair {
  private static final int CACHE_LINE = 64;
  private static final int STOP = -1;

  private final FutexManager futexes = FutexManager.system();
  private final FutexWord pongs;
  private final FutexWord[] pings;
  private final int[] expected;
  private int sequence;

  static void declare(Tasks tasks) {
    tasks.task("any-ping FILE OFFSET WORDS", arguments -> Loop.ofTrips(of(arguments)));
    tasks.pong("any-pong FILE OFFSET WORDS", arguments -> of(arguments)::pong);
  }

  private static AnyOperations of(Arguments arguments) throws IOException {
    return new AnyOperations(arguments.memory(), arguments.offset(), arguments.number("WORDS"));
  }

  private AnyOperations(MappedMemory memory, int offset, int words) {
    pongs = memory.word(offset);
    pings = CrowdOperations.words(memory, offset + CACHE_LINE, words);
    expected = new int[words];
  }

  /** A round trip. */
  @Override
  public long run(long times) {
    long woken = 0;
    for (long i = 0; i < times; i++) {
      int turn = Integer.remainderUnsigned(sequence++, pings.length);
      pongs.setVolatile(sequence);
      woken += futexes.wake(pongs, 1);
      while (pings[turn].getVolatile() == expected[turn]) {
        futexes.waitAny(pings, expected, Deadline.NONE);
      }
      expected[turn] = sequence;
    }
    return woken;
  }

  @Override
  public boolean answer() {
    SharedWordOperations.waitWhile(futexes, pongs, sequence);
    FutexWord answered = pings[Integer.remainderUnsigned(sequence, pings.length)];
    sequence = pongs.getVolatile();
    if (sequence == STOP) {
      return false;
    }
    answered.setVolatile(sequence);
    futexes.wake(answered, 1);
    return true;
  }

  /** Ends the pong. */
  @Override
  public void close() {
    pongs.setVolatile(STOP);
    futexes.wake(pongs, 1);
  }
}
