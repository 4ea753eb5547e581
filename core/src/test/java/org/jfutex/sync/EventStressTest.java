// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.Test;

/** Several JVMs that do not look again by themselves: one lost wake-up, and all of them stand still. */
class EventStressTest {
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private static final int TOKENS = 3; // auto-reset events from 0 on, 64 bytes apart
  private static final int INSIDE = 192; // who holds each token
  private static final int TAKEN = 256; // how often each was taken, counted by who holds it
  private static final int START = 320; // a manual-reset event
  private static final int SET_OFTEN = 384;
  private static final int POSTED = 448; // the work of the one who sets that
  private static final int PLAY_BYTES = 512;

  /** Those who come and go make up for a lost wake-up, so there are plays without them. */
  private static final List<List<Wait>> PLAYS =
      List.of(
          Collections.nCopies(4, Wait.FOR_ONE),
          List.of(Wait.FOR_ONE, Wait.FOR_ONE, Wait.FOR_ANY, Wait.FOR_ANY),
          Collections.nCopies(4, Wait.FOR_ANY),
          List.of(Wait.values()));

  private static final int TURNS = 3_000;
  private static final int PROCESSES = 3;
  private static final int POSTS = 100_000;

  private enum Wait {
    FOR_ONE,
    FOR_ANY,
    FOR_ONE_TIMED,
    FOR_ANY_TIMED
  }

  /**
   * Each token is an event that is set while nobody holds it, so it is taken once for each time that it is set. Who
   * times out or is interrupted has taken none.
   */
  @Test
  void whatIsSetOnceIsTakenOnce() {
    try (TestMemory test = new TestMemory()) {
      List<Actor<ChildJvm.Ended>> children =
          Stream.generate(
                  () ->
                      Actor.start(
                          () ->
                              ChildJvm.run(
                                  List.of("-Djfutex.healing=0"),
                                  EventStressTest.class,
                                  test.path().toString())))
              .limit(PROCESSES)
              .toList();
      List<Play> plays = plays(Words.SHARED, test.memory());
      plays.forEach(Play::start);
      for (Actor<ChildJvm.Ended> child : children) {
        ChildJvm.Ended ended = child.result();
        assertEquals(0, ended.status(), ended.output());
      }
      plays.forEach(play -> assertEquals(PROCESSES * play.waits.size() * TURNS, play.taken()));
    }
  }

  public static void main(String[] arguments) throws Exception {
    for (Play play : plays(Words.SHARED, MappedMemory.open(Path.of(arguments[0])))) {
      play.run();
    }
    for (Words words : Words.values()) {
      try (TestMemory own = new TestMemory()) {
        for (Play play : plays(words, own.memory())) {
          play.start();
          play.run();
          play.postAndSee();
          assertEquals(play.waits.size() * TURNS, play.taken());
        }
      }
    }
  }

  private static List<Play> plays(Words words, MappedMemory memory) {
    return IntStream.range(0, PLAYS.size())
        .mapToObj(i -> new Play(words, memory, i * PLAY_BYTES, PLAYS.get(i)))
        .toList();
  }

  private static final class Play {
    private final ByteBuffer bytes;
    private final int base;
    private final List<Wait> waits;
    private final SharedEvent[] tokens = new SharedEvent[TOKENS];
    private final SharedEvent start;
    private final SharedEvent setOften;

    Play(Words words, MappedMemory memory, int base, List<Wait> waits) {
      bytes = memory.buffer();
      this.base = base;
      this.waits = waits;
      Arrays.setAll(tokens, i -> SharedEvent.autoReset(words.at(memory, base + 64L * i)));
      start = SharedEvent.manualReset(words.at(memory, base + START));
      setOften = SharedEvent.autoReset(words.at(memory, base + SET_OFTEN));
    }

    void start() {
      Stream.of(tokens).forEach(SharedEvent::set);
      start.set();
    }

    int taken() {
      return IntStream.range(0, TOKENS).map(i -> bytes.getInt(base + TAKEN + 4 * i)).sum();
    }

    void run() throws InterruptedException {
      start.await();
      List<Actor<Void>> actors = new ArrayList<>();
      SplittableRandom random = new SplittableRandom(ProcessHandle.current().pid());
      for (Wait wait : waits) {
        SharedEvent one = tokens[actors.size() % TOKENS];
        SplittableRandom own = random.split();
        actors.add(Actor.start(() -> turns(() -> take(wait, one, own))));
      }
      while (!actors.stream().allMatch(Actor::isDone)) {
        LockSupport.parkNanos(random.nextInt(200_000));
        int number = random.nextInt(waits.size());
        if (waits.get(number).ordinal() >= Wait.FOR_ONE_TIMED.ordinal()) {
          actors.get(number).thread().interrupt();
        }
      }
      actors.forEach(Actor::result);
    }

    /** The token that was taken, or null. */
    private SharedEvent take(Wait wait, SharedEvent one, SplittableRandom random)
        throws InterruptedException {
      switch (wait) {
        case FOR_ONE:
          one.awaitUninterruptibly();
          return one;
        case FOR_ONE_TIMED:
          return one.await(random.nextInt(100_000), TimeUnit.NANOSECONDS) ? one : null;
        case FOR_ANY:
          return SharedEvent.awaitAny(tokens[2], tokens[0], tokens[1]);
        case FOR_ANY_TIMED:
          return SharedEvent.awaitAny(
              random.nextInt(100_000), TimeUnit.NANOSECONDS, tokens[1], tokens[0]);
        default:
          throw new AssertionError(wait);
      }
    }

    private Void turns(Callable<SharedEvent> take) throws Exception {
      for (int turn = 0; turn < TURNS; ) {
        SharedEvent token;
        try {
          token = take.call();
        } catch (InterruptedException e) {
          continue;
        }
        if (token != null) {
          hold(List.of(tokens).indexOf(token));
          token.set();
          turn++;
        }
      }
      return null;
    }

    private void hold(int token) {
      int at = base + Integer.BYTES * token;
      assertEquals(0, bytes.getInt(at + INSIDE), "who holds token " + token);
      bytes.putInt(at + INSIDE, 1);
      bytes.putInt(at + TAKEN, bytes.getInt(at + TAKEN) + 1);
      bytes.putInt(at + INSIDE, 0);
    }

    /** An event that is set again before it was taken is set once; who takes it finds the work of both. */
    void postAndSee() {
      INT.setOpaque(bytes, base + POSTED, 0);
      Actor<Void> seeing =
          Actor.start(
              () -> {
                while ((int) INT.getOpaque(bytes, base + POSTED) < POSTS) {
                  setOften.await();
                }
                return null;
              });
      for (int i = 1; i <= POSTS; i++) {
        INT.setOpaque(bytes, base + POSTED, i);
        setOften.set();
      }
      seeing.result();
    }
  }
}
