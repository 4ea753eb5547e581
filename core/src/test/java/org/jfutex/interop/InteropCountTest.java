// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads of Java and processes of C contend for one mutex, and count exactly. */
class InteropCountTest {
  private static final int OFFSET = 64;
  private static final int TIMES = 3000;
  private static final int KILLS = 8;

  private final TestMemory test = new TestMemory();
  private final List<CPeer> peers = new ArrayList<>();

  @AfterEach
  void close() {
    peers.forEach(CPeer::close);
    test.close();
  }

  private CPeer start() {
    CPeer peer = new CPeer(test.path());
    peers.add(peer);
    return peer;
  }

  /** One mutex was made by C, one by Java. */
  @ParameterizedTest
  @MethodSource("org.jfutex.support.Kinds#all")
  void contend(MutexKind kind) {
    List<CPeer> c = List.of(start(), start());
    Tally first = new Tally(test.memory(), OFFSET);
    assertEquals("OK", c.get(0).ask("init " + first.offset() + " " + kind));
    contend(first, c);
    Tally second = new Tally(test.memory(), first.offset() + Tally.BYTES);
    SharedMutex.at(test.memory(), second.offset(), kind);
    contend(second, c);
    for (Tally tally : List.of(first, second)) {
      assertEquals("OK", c.get(1).ask("destroy " + tally.offset()));
    }
  }

  /** glibc's own kind, which Java takes for a normal one. */
  @ParameterizedTest
  @ValueSource(strings = {"adaptive", "robust adaptive", "PI adaptive", "robust PI adaptive"})
  void contendForAnAdaptiveOne(String kind) {
    List<CPeer> c = List.of(start(), start());
    assertEquals("OK", c.get(0).ask("init " + OFFSET + " " + kind));
    assertEquals(Again.NORMAL, SharedMutex.adopt(test.memory(), OFFSET).kind().again());
    contend(new Tally(test.memory(), OFFSET), c);
    assertEquals("OK", c.get(1).ask("destroy " + OFFSET));
  }

  private void contend(Tally tally, List<CPeer> c) {
    SharedMutex mutex = SharedMutex.adopt(test.memory(), tally.offset(), Kinds.NO_REPAIR);
    mutex.lock(); // until all C peers sleep, so that nobody counts alone
    for (int i = 0; i < c.size(); i++) {
      c.get(i).tellAndSleep(tally.command(i, TIMES), tally.offset());
    }
    List<Actor<Void>> java = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int counter = c.size() + i;
      java.add(
          Actor.start(
              () -> {
                tally.count(counter, () -> tally.counted(counter) < TIMES);
                return null;
              }));
    }
    mutex.unlock();
    java.forEach(Actor::result);
    c.forEach(peer -> assertEquals("OK", peer.answer()));
    assertEquals(TIMES * (c.size() + java.size()), tally.total());
    assertEquals(tally.total(), tally.sum());
    assertFalse(mutex.isLocked());
  }

  /** Wherever in glibc's code or its own they are killed, Java goes on, and no count is lost. */
  @ParameterizedTest
  @MethodSource("org.jfutex.support.Kinds#robust")
  void goOnWhileCProcessesAreKilled(MutexKind kind) {
    Tally tally = new Tally(test.memory(), OFFSET);
    SharedMutex.at(test.memory(), OFFSET, kind);
    AtomicBoolean stop = new AtomicBoolean();
    List<Actor<Void>> java = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      int counter = i;
      java.add(
          Actor.start(
              () -> {
                tally.count(counter, () -> !stop.get());
                return null;
              }));
    }
    for (int i = 0; i < KILLS; i++) {
      CPeer victim = start();
      long until = tally.counted(0) + ThreadLocalRandom.current().nextInt(1, 100);
      victim.tell(tally.command(0, Long.MAX_VALUE));
      Eventually.until(
          "counted by C until " + until, () -> victim.isDone() || tally.counted(0) >= until);
      assertFalse(victim.isDone(), "only its death ends it");
      victim.die();
      long before = tally.sum();
      Eventually.until("Java goes on", () -> tally.sum() > before);
    }
    stop.set(true);
    java.forEach(Actor::result);
    SharedMutex mutex = SharedMutex.adopt(test.memory(), OFFSET, Kinds.NO_REPAIR);
    mutex.lock();
    mutex.unlock();
    assertEquals(tally.sum(), tally.total());
  }
}
