// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.stream.IntStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/** Threads that sleep in the kernel, each by a word of its own; {@code crowd-peer.c} in Java, on the same words. */
final class CrowdOperations {
  private static final int CACHE_LINE = 64;
  private static final int STACK_BYTES = 65_536;

  /** Words that nobody waits for, taken in turns: no single one's luck in the kernel's hash table decides. */
  private static final int EMPTY = 64;

  private final FutexManager futexes = FutexManager.system();
  private final FutexWord own;
  private final FutexWord[] words;
  private final FutexWord[] empty;
  private int sequence;

  static void declare(Tasks tasks) {
    tasks.task(
        "blocked-wake FILE OFFSET THREADS",
        arguments -> Loop.ofCalls(new CrowdOperations(arguments)::emptyWake));
    tasks.task(
        "blocked-trip FILE OFFSET THREADS",
        arguments -> Loop.ofTrips(new CrowdOperations(arguments)::trip));
  }

  private CrowdOperations(Arguments arguments) throws IOException {
    this(arguments.memory(), arguments.offset(), arguments.number("THREADS"));
  }

  private CrowdOperations(MappedMemory memory, int offset, int threads) {
    own = memory.word(offset);
    words = words(memory, offset + CACHE_LINE, threads);
    empty = words(memory, offset + CACHE_LINE + threads * FutexWord.BYTES, EMPTY);
    for (FutexWord word : words) {
      Thread thread = new Thread(null, () -> sleep(word), "sleeper", STACK_BYTES);
      thread.setDaemon(true);
      thread.start();
    }
    // Each has answered once then, and so sleeps.
    trip(threads);
  }

  static FutexWord[] words(MappedMemory memory, int offset, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> memory.word(offset + i * FutexWord.BYTES))
        .toArray(FutexWord[]::new);
  }

  private void sleep(FutexWord word) {
    int seen = 0;
    try {
      while (true) {
        SharedWordOperations.waitWhile(futexes, word, seen);
        seen = word.getVolatile();
        own.setVolatile(seen);
        futexes.wake(own, 1);
      }
    } catch (ClosedMemoryException e) {
      // The task has ended.
    }
  }

  /** A round trip with one of them, each in its turn. */
  private long trip(long times) {
    long woken = 0;
    for (long i = 0; i < times; i++) {
      int before = sequence++;
      FutexWord word = words[Integer.remainderUnsigned(before, words.length)];
      word.setVolatile(sequence);
      woken += futexes.wake(word, 1);
      SharedWordOperations.waitWhile(futexes, own, before);
    }
    return woken;
  }

  /** Wakes nobody, while they sleep by other words. */
  private long emptyWake(long times) {
    long woken = 0;
    for (long i = 0; i < times; i++) {
      woken += futexes.wake(empty[(int) (i % EMPTY)], 1);
    }
    return woken;
  }
}
