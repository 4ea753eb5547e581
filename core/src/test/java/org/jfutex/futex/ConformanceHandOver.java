// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * What threads and processes do with each other for as long as no wake-up is lost; one lost, and they hang. As a main
 * it takes one place: {@code BACKEND FILE PLACE PLACES ROUNDS}.
 *
 * <pre>
 *   A B C D   whose turn it is: 1 in the word of that place, else 0
 *   E         where a waiter is moved to before it is woken
 *   F         mutex: 0 free, 1 held, 2 held and perhaps waited for
 *   G         PI mutex
 *   H         two counters beside each other, guarded by F and G, incremented by a plain read and a plain write
 * </pre>
 */
final class ConformanceHandOver {
  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;
  private static final String PLACES = "ABCD";

  private static final int SET_TO_1_WAKE_IF_0 =
      LinuxAbi.FUTEX_OP_SET << 28 | LinuxAbi.FUTEX_OP_CMP_EQ << 24 | 1 << 12;

  private final FutexEngine engine;
  private final ConformanceWorld world;
  private final ByteBuffer memory;
  private final LongAdder slept = new LongAdder();

  ConformanceHandOver(FutexEngine engine, ConformanceWorld world) {
    this.engine = engine;
    this.world = world;
    memory = world.memory().buffer();
  }

  public static void main(String[] arguments) throws IOException {
    ConformanceSubject subject = ConformanceSubject.kernel(arguments[0]);
    ConformanceWorld world = ConformanceWorld.open("shared", Path.of(arguments[1]));
    new ConformanceHandOver(subject.engine(), world)
        .play(
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]),
            Integer.parseInt(arguments[4]));
  }

  /** Everything, in one of several places. */
  void play(int place, int places, int rounds) {
    passTheToken(place, places, rounds);
    countUnderMutex(rounds);
    countUnderPiMutex(rounds);
  }

  /** How often somebody really waited for the token. */
  long slept() {
    return slept.sum();
  }

  int count() {
    return memory.getInt(ConformanceWorld.offset("H"));
  }

  int countUnderPi() {
    return memory.getInt(ConformanceWorld.offset("H") + Integer.BYTES);
  }

  private void passTheToken(int place, int places, int rounds) {
    FutexWord own = word(place);
    FutexWord next = word((place + 1) % places);
    FutexWord aside = world.word("E");
    FutexWord[] both = {aside, own};
    for (int round = 0; round < rounds; round++) {
      // The first begins: nobody hands it the token.
      while (!(round == 0 && place == 0) && own.getVolatile() == 0) {
        int answer =
            round % 2 == 0
                ? engine.wait(own, 0, ANY, Deadline.NONE, round % 4 == 0)
                : engine.waitAny(both, new int[] {0, 0}, Deadline.NONE, round % 4 == 1);
        check(answer >= 0 || answer == -Errno.EAGAIN, "wait", answer);
        slept.add(answer >= 0 ? 1 : 0);
      }
      own.setRelease(0);
      handTo(next, aside, round % 3);
    }
    if (place == 0) {
      // The last token comes back to nobody.
      while (own.getVolatile() == 0) {
        engine.wait(own, 0, ANY, Deadline.NONE, false);
      }
    }
  }

  private void handTo(FutexWord next, FutexWord aside, int way) {
    switch (way) {
      case 0 -> {
        next.setVolatile(1);
        engine.wake(next, 1, ANY);
      }
      case 1 -> engine.wakeOp(aside, 1, next, 1, SET_TO_1_WAKE_IF_0);
      default -> {
        next.setVolatile(1);
        // Nobody else waits there, but for those who wait there and elsewhere: all are woken.
        engine.requeue(next, aside, 0, Integer.MAX_VALUE);
        engine.wake(aside, Integer.MAX_VALUE, ANY);
      }
    }
  }

  private FutexWord word(int place) {
    return world.word(PLACES.charAt(place) + "");
  }

  private void countUnderMutex(int rounds) {
    FutexWord mutex = world.word("F");
    for (int round = 0; round < rounds; round++) {
      if (!mutex.compareAndSet(0, 1)) {
        while (mutex.getAndSet(2) != 0) {
          int answer = engine.wait(mutex, 2, ANY, Deadline.NONE, round % 2 == 0);
          check(answer == 0 || answer == -Errno.EAGAIN, "wait", answer);
        }
      }
      increment(0);
      if (mutex.getAndSet(0) == 2) {
        engine.wake(mutex, 1, ANY);
      }
    }
  }

  private void countUnderPiMutex(int rounds) {
    FutexWord mutex = world.word("G");
    int tid = engine.currentTid();
    for (int round = 0; round < rounds; round++) {
      if (!mutex.compareAndSet(0, tid)) {
        int answer = engine.lockPi(mutex, Deadline.NONE, false);
        check(answer == 0, "lockPi", answer);
      }
      increment(Integer.BYTES);
      if (!mutex.compareAndSet(tid, 0)) {
        int answer = engine.unlockPi(mutex);
        check(answer == 0, "unlockPi", answer);
      }
    }
  }

  private void increment(int counter) {
    int at = ConformanceWorld.offset("H") + counter;
    memory.putInt(at, memory.getInt(at) + 1);
  }

  private static void check(boolean expected, String operation, int answer) {
    if (!expected) {
      throw new AssertionError(operation + " answered " + ConformanceExpectation.show(answer));
    }
  }
}
