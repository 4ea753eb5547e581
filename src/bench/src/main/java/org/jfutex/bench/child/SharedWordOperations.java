// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;

/** The operations of {@code futex-peer.c} in Java, statement by statement, on the same words. */
final class SharedWordOperations {
  private static final int CACHE_LINE = 64;
  private static final int STOP = -1;

  private SharedWordOperations() {}

  static void declare(Tasks tasks) {
    tasks.task(
        "empty-wake FILE OFFSET",
        arguments -> Loop.ofCalls(emptyWake(FutexManager.system(), word(arguments))));
    tasks.task(
        "mismatching-wait FILE OFFSET",
        arguments -> Loop.ofCalls(mismatchingWait(FutexManager.system(), word(arguments))));
    tasks.task("ping FILE OFFSET", arguments -> Loop.ofTrips(new Ping(arguments)));
    tasks.pong("pong FILE OFFSET", arguments -> new Pong(arguments)::run);
  }

  private static FutexWord word(Arguments arguments) throws IOException {
    return arguments.memory().word(arguments.offset());
  }

  /** Of the other side, on a cache line of its own. */
  private static FutexWord other(Arguments arguments) throws IOException {
    return arguments.memory().word(arguments.offset() + CACHE_LINE);
  }

  /** {@link FutexManager#wake} with nobody waiting. */
  private static Loop.Operation emptyWake(FutexManager futexes, FutexWord word) {
    return times -> {
      long woken = 0;
      for (long i = 0; i < times; i++) {
        woken += futexes.wake(word, 1);
      }
      return woken;
    };
  }

  /** {@link FutexManager#wait(FutexWord, int)} for a value that is not there. */
  private static Loop.Operation mismatchingWait(FutexManager futexes, FutexWord word) {
    int other = word.getVolatile() + 1;
    return times -> {
      for (long i = 0; i < times; i++) {
        WaitResult result = futexes.wait(word, other);
        if (result != WaitResult.VALUE_CHANGED) {
          throw new IllegalStateException("wait answered " + result + ", expected VALUE_CHANGED");
        }
      }
      return 0;
    };
  }

  /** A round trip: changes the pong's word, wakes it, sleeps on the own one. */
  private static final class Ping implements Loop.Operation {
    private final FutexManager futexes = FutexManager.system();
    private final FutexWord word;
    private final FutexWord other;
    private int sequence;

    Ping(Arguments arguments) throws IOException {
      word = word(arguments);
      other = other(arguments);
    }

    @Override
    public long run(long times) {
      long woken = 0;
      for (long i = 0; i < times; i++) {
        int before = sequence++;
        other.setVolatile(sequence);
        woken += futexes.wake(other, 1);
        waitWhile(futexes, word, before);
      }
      return woken;
    }

    /** Ends the pong. */
    @Override
    public void close() {
      other.setVolatile(STOP);
      futexes.wake(other, FutexManager.ALL);
    }
  }

  /** The other side. */
  private static final class Pong {
    /** A method that never returns would stay in the loop that the JIT compiled first, for the interpreter's sake. */
    private static final int ROUNDS_A_CALL = 1_000;

    private final FutexManager futexes = FutexManager.system();
    private final FutexWord word;
    private final FutexWord own;
    private int seen;

    Pong(Arguments arguments) throws IOException {
      word = word(arguments);
      own = other(arguments);
    }

    /** Returns when the ping is closed. */
    void run() {
      while (answerRounds()) {
        // Again; see ROUNDS_A_CALL.
      }
    }

    private boolean answerRounds() {
      for (int i = 0; i < ROUNDS_A_CALL; i++) {
        waitWhile(futexes, own, seen);
        seen = own.getVolatile();
        if (seen == STOP) {
          return false;
        }
        word.setVolatile(seen);
        futexes.wake(word, 1);
      }
      return true;
    }
  }

  static void waitWhile(FutexManager futexes, FutexWord word, int value) {
    while (word.getVolatile() == value) {
      futexes.wait(word, value);
    }
  }
}
