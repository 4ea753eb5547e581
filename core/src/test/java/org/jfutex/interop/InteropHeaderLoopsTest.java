// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads of Java and processes of C contend for the primitives of {@code jfutex.h}, and nothing is lost. */
class InteropHeaderLoopsTest {
  private static final int OFFSET = 64;
  private static final int TIMES = 3000;
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final int KILLS = 12;

  /** As many as fit. */
  private static final int LATCHES = (TestMemory.BYTES - OFFSET) / SharedLatch.BYTES;

  private final TestMemory test = new TestMemory();
  private final HeaderLoops loops = new HeaderLoops(test.memory(), OFFSET);
  private final List<Peer> peers = new ArrayList<>();

  @AfterEach
  void close() {
    peers.forEach(Peer::close);
    test.close();
  }

  /** Has a process of C and a thread of Java begin. */
  private void tell(String command) {
    tell(command, HeaderPeer.inC(test.path()));
  }

  private void tell(String command, CPeer c) {
    List<Peer> both = List.of(c, new HeaderPeer(test.memory()));
    peers.addAll(both);
    both.forEach(peer -> peer.tell(command));
  }

  private void allEnd() {
    peers.forEach(peer -> assertEquals("OK", peer.answer()));
  }

  @Test
  void readAndWrite() {
    tell("rwlock-loop " + OFFSET + " " + TIMES);
    tell("rwlock-loop " + OFFSET + " " + TIMES);
    allEnd();
    assertEquals(4 * TIMES, loops.get(HeaderLoops.Written.FIRST));
    assertEquals(4 * TIMES, loops.get(HeaderLoops.Written.SECOND));
  }

  @ParameterizedTest
  @MethodSource("org.jfutex.interop.HeaderScript#kinds")
  void produceAndConsume(MutexKind kind) {
    SharedMutex.at(test.memory(), OFFSET + HeaderPeer.MUTEX_AT, kind, Kinds.NO_REPAIR);
    tell("condition-produce " + OFFSET + " " + TIMES);
    tell("condition-consume " + OFFSET + " " + TIMES);
    allEnd();
    assertEquals(0, loops.get(HeaderLoops.Condition.FULL));
    assertEquals(2 * TIMES, loops.get(HeaderLoops.Condition.PRODUCED));
    assertEquals(2 * TIMES, loops.get(HeaderLoops.Condition.CONSUMED));
  }

  /** Wherever they are killed, holding the mutex or waiting, the others go on, and the numbers agree. */
  @ParameterizedTest
  @MethodSource("robust")
  void goOnWhileCProcessesAreKilled(MutexKind kind) {
    SharedMutex.at(test.memory(), OFFSET + HeaderPeer.MUTEX_AT, kind);
    tell("condition-produce " + OFFSET + " " + FOR_EVER, healed());
    tell("condition-consume " + OFFSET + " " + FOR_EVER, healed());
    for (int i = 0; i < KILLS; i++) {
      String verb = i % 2 == 0 ? "condition-produce " : "condition-consume ";
      try (CPeer victim = healed()) {
        victim.tell(verb + OFFSET + " " + FOR_EVER);
        awaitProgress(ThreadLocalRandom.current().nextInt(1, 300));
        assertFalse(victim.isDone(), "only its death ends it");
        victim.die();
      }
      awaitProgress(100);
    }
    peers.forEach(peer -> assertFalse(peer.isDone(), "nobody failed"));
  }

  private CPeer healed() {
    return HeaderPeer.inC(test.path(), "-DJFUTEX_HEALING_MILLIS=50");
  }

  static Stream<MutexKind> robust() {
    return HeaderScript.kinds().filter(MutexKind::robust);
  }

  private void awaitProgress(int times) {
    long until = loops.get(HeaderLoops.Condition.CONSUMED) + times;
    Eventually.until(
        "consumed until " + until, () -> loops.get(HeaderLoops.Condition.CONSUMED) >= until);
  }

  @Test
  void giveAndTake() {
    tell("event-take-loop " + OFFSET);
    tell("event-take-loop " + OFFSET);
    Peer c = HeaderPeer.inC(test.path());
    try (c) {
      assertEquals("OK", c.ask("event-give " + OFFSET + " " + TIMES));
    }
    loops.give(TIMES);
    loops.stop();
    allEnd();
    assertEquals(2 * TIMES, loops.get(HeaderLoops.Event.TAKEN));
  }

  @Test
  void publishAndTake() {
    tell("doorbell-take-loop " + OFFSET);
    tell("doorbell-take-loop " + OFFSET);
    Peer c = HeaderPeer.inC(test.path());
    try (c) {
      assertEquals("OK", c.ask("doorbell-publish-loop " + OFFSET + " " + TIMES));
    }
    loops.publish(TIMES);
    loops.stopWork();
    allEnd();
    assertEquals(2 * TIMES, loops.get(HeaderLoops.Work.TAKEN));
  }

  @Test
  void countDown() {
    for (int i = 0; i < LATCHES; i++) {
      assertEquals(HeaderLoops.PARTIES, loops.latch(i).getCount());
    }
    tell("latch-loop " + OFFSET + " " + LATCHES);
    tell("latch-loop " + OFFSET + " " + LATCHES);
    allEnd();
    for (int i = 0; i < LATCHES; i++) {
      assertEquals(0, loops.latch(i).getCount());
    }
  }

  @Test
  void meet() {
    loops.barrier();
    tell("barrier-loop " + OFFSET + " " + TIMES);
    tell("barrier-loop " + OFFSET + " " + TIMES);
    allEnd();
    assertEquals(TIMES, loops.get(HeaderLoops.Meeting.LAST));
    assertEquals(0, loops.barrier().getNumberWaiting());
  }
}
