// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The owner of a PI mutex runs with the priority of the thread that waits for it, between Java and C too. */
class InteropPriorityTest {
  private static final int OFFSET = 64;
  private static final int OTHER_OFFSET = 128;
  private static final int FIFO = 7;

  /** As the kernel shows a thread of SCHED_FIFO, and one of SCHED_OTHER that was not asked to be nice. */
  private static final int URGENT = -1 - FIFO;

  private static final int ORDINARY = 20;

  private final TestMemory test = new TestMemory();
  private final List<Peer> peers = new ArrayList<>();
  private CPeer c;
  private CPeer otherC;
  private JavaPeer java;
  private JavaPeer otherJava;

  @BeforeEach
  void open() {
    c = add(new CPeer(test.path()));
    otherC = add(new CPeer(test.path()));
    java = add(new JavaPeer(test.memory()));
    otherJava = add(new JavaPeer(test.memory()));
    String answer = schedule(c, "fifo " + FIFO);
    assumeTrue(
        answer.equals("OK"),
        () ->
            "skipped: this machine does not permit SCHED_FIFO, sched_setscheduler(2) answered "
                + answer
                + "; it takes CAP_SYS_NICE or a limit (ulimit -r) of at least "
                + FIFO);
    assumeTrue(
        priority(c) == URGENT && priority(java) == ORDINARY,
        () ->
            "skipped: priorities are not shown as expected: found "
                + priority(c)
                + " for SCHED_FIFO "
                + FIFO
                + ", and "
                + priority(java)
                + " for SCHED_OTHER");
    assertEquals("OK", schedule(c, "other 0"));
  }

  @AfterEach
  void close() {
    peers.forEach(Peer::close);
    test.close();
  }

  private <P extends Peer> P add(P peer) {
    peers.add(peer);
    return peer;
  }

  /** Any thread may be scheduled by the C peer. */
  private String schedule(Peer peer, String how) {
    return otherC.ask("schedule " + peer.tid() + " " + how);
  }

  private static int priority(Peer peer) {
    return ProcThread.priority(peer.pid(), peer.tid());
  }

  private static void assertOk(Peer peer, String command) {
    assertEquals("OK", peer.ask(command));
  }

  @ParameterizedTest
  @MethodSource("org.jfutex.support.Kinds#all")
  void isInheritedByJava(MutexKind kind) {
    inherits(kind, java, c);
  }

  @ParameterizedTest
  @MethodSource("org.jfutex.support.Kinds#all")
  void isInheritedByC(MutexKind kind) {
    inherits(kind, c, java);
  }

  private void inherits(MutexKind kind, Peer holder, Peer urgent) {
    assertOk(otherC, "init " + OFFSET + " " + kind);
    assertOk(holder, "lock " + OFFSET);
    assertEquals("OK", schedule(urgent, "fifo " + FIFO));
    assertEquals(ORDINARY, priority(holder));
    urgent.tellAndSleep("lock " + OFFSET, OFFSET);
    assertEquals(kind.priorityInheritance() ? URGENT : ORDINARY, priority(holder));
    assertOk(holder, "unlock " + OFFSET);
    assertEquals("OK", urgent.answer());
    assertEquals(ORDINARY, priority(holder));
    assertOk(urgent, "unlock " + OFFSET);
  }

  static Stream<MutexKind> inheriting() {
    return Kinds.all().filter(MutexKind::priorityInheritance);
  }

  /** The one waits for the other, who waits for the third. */
  @ParameterizedTest
  @MethodSource("inheriting")
  void isInheritedAlongAChain(MutexKind kind) {
    assertOk(otherC, "init " + OFFSET + " " + kind);
    assertOk(java, "init " + OTHER_OFFSET + " " + kind);
    assertOk(java, "lock " + OFFSET);
    assertOk(otherJava, "lock " + OTHER_OFFSET);
    otherJava.tellAndSleep("lock " + OFFSET, OFFSET);
    assertEquals("OK", schedule(c, "fifo " + FIFO));
    assertEquals(ORDINARY, priority(java));
    c.tellAndSleep("lock " + OTHER_OFFSET, OTHER_OFFSET);
    assertEquals(URGENT, priority(otherJava));
    assertEquals(URGENT, priority(java));
    assertOk(java, "unlock " + OFFSET);
    assertEquals("OK", otherJava.answer());
    assertEquals(ORDINARY, priority(java));
    assertEquals(URGENT, priority(otherJava));
    assertOk(otherJava, "unlock " + OTHER_OFFSET);
    assertEquals("OK", c.answer());
    assertEquals(ORDINARY, priority(otherJava));
    assertOk(otherJava, "unlock " + OFFSET);
    assertOk(c, "unlock " + OTHER_OFFSET);
  }

  /** Who is most urgent gets it, not who came first. */
  @ParameterizedTest
  @MethodSource("inheriting")
  void theMostUrgentIsNext(MutexKind kind) {
    assertOk(otherC, "init " + OFFSET + " " + kind);
    assertOk(java, "lock " + OFFSET);
    otherJava.tellAndSleep("lock " + OFFSET, OFFSET);
    assertEquals("OK", schedule(c, "fifo " + FIFO));
    c.tellAndSleep("lock " + OFFSET, OFFSET);
    assertOk(java, "unlock " + OFFSET);
    assertEquals("OK", c.answer());
    assertOk(c, "unlock " + OFFSET);
    assertEquals("OK", otherJava.answer());
    assertOk(otherJava, "unlock " + OFFSET);
  }
}
