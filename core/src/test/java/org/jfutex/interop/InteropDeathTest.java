// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the scripts cannot tell of the death of holders and sleepers: the ways to die, and what Java does beyond C. */
class InteropDeathTest {
  private static final String ALL = "org.jfutex.support.Kinds#all";
  private static final String ROBUST = "org.jfutex.support.Kinds#robust";
  private static final int OFFSET = 64;
  private static final int COUNTS = 50;
  private static final int C_COUNTER = HolderJvm.COUNTER + 1;

  private final TestMemory test = new TestMemory();
  private final List<Peer> peers = new ArrayList<>();
  private CPeer c;
  private JavaPeer java;

  @BeforeEach
  void open() {
    c = c();
    java = java();
  }

  @AfterEach
  void close() {
    peers.forEach(Peer::close);
    test.close();
  }

  private CPeer c() {
    CPeer peer = new CPeer(test.path());
    peers.add(peer);
    return peer;
  }

  private JavaPeer java() {
    JavaPeer peer = new JavaPeer(test.memory());
    peers.add(peer);
    return peer;
  }

  private void init(MutexKind kind) {
    assertEquals("OK", c.ask("init " + OFFSET + " " + kind));
  }

  private static void ok(Peer peer, String verb) {
    assertAnswer("OK", peer, verb);
  }

  private static void assertAnswer(String expected, Peer peer, String verb) {
    assertEquals(expected, peer.ask(verb + " " + OFFSET), verb);
  }

  private static void sleep(Peer peer, String verb) {
    peer.tellAndSleep(verb + " " + OFFSET, OFFSET);
  }

  static Stream<MutexKind> notRobust() {
    return Kinds.all().filter(kind -> !kind.robust());
  }

  static Stream<MutexKind> robustWithoutPi() {
    return Kinds.robust().filter(kind -> !kind.priorityInheritance());
  }

  static Stream<MutexKind> robustPi() {
    return Kinds.robust().filter(MutexKind::priorityInheritance);
  }

  /** It sleeps, it did not hold anything, and nobody is told of it. */
  @ParameterizedTest
  @MethodSource(ALL)
  void aSleeperIsKilled(MutexKind kind) {
    init(kind);
    for (Peer holder : List.of(java, c)) {
      for (Peer next : List.of(c(), java())) {
        CPeer victim = c();
        ok(holder, "lock");
        sleep(victim, "lock");
        sleep(next, "lock");
        victim.die();
        assertFalse(next.isDone());
        ok(holder, "unlock");
        assertEquals("OK", next.answer());
        ok(next, "unlock");
      }
    }
    ok(c, "destroy");
  }

  /** The kinds that are not robust: nobody is told, nobody gets it. */
  @ParameterizedTest
  @MethodSource("notRobust")
  void staysHeldUnlessRobust(MutexKind kind) {
    init(kind);
    lockAndDie();
    if (kind.priorityInheritance()) {
      assertAnswer("ESRCH", java, "lock"); // where C sleeps for ever
    } else {
      assertEquals("ETIMEDOUT", java.ask("timedlock " + OFFSET + " 3"));
    }
    assertAnswer("EBUSY", java, "trylock");
    assertAnswer("EBUSY", c, "trylock");
  }

  @ParameterizedTest
  @MethodSource(ROBUST)
  void cEndsWhileHolding(MutexKind kind) {
    init(kind);
    ok(c, "thread");
    assertAnswer("EOWNERDEAD", java, "lock");
    recover(java);
    for (String end : List.of("return", "exit")) {
      CPeer holder = c();
      ok(holder, "lock");
      holder.end(end);
      assertAnswer("EOWNERDEAD", java, "lock");
      recover(java);

      holder = c();
      ok(holder, "lock");
      sleep(java, "lock");
      holder.end(end);
      assertEquals("EOWNERDEAD", java.answer(), end);
      recover(java);
    }
    ok(c, "destroy");
  }

  @ParameterizedTest
  @EnumSource(
      value = HolderJvm.End.class,
      names = "KILLED_WHILE_COUNTING",
      mode = EnumSource.Mode.EXCLUDE)
  void aJvmEndsWhileHolding(HolderJvm.End end) throws Exception {
    List<MutexKind> kinds = Kinds.robust().toList();
    try (HolderJvm jvm = HolderJvm.start(test.path(), end)) {
      List<CPeer> sleepers = new ArrayList<>();
      for (int row = 0; row < HolderJvm.KINDS; row++) {
        CPeer sleeper = c();
        sleeper.tellAndSleep("lock " + HolderJvm.offset(row), HolderJvm.offset(row));
        sleepers.add(sleeper);
      }
      jvm.end(end);
      for (int row = 0; row < 2 * HolderJvm.KINDS; row++) {
        int offset = HolderJvm.offset(row);
        CPeer next = row < HolderJvm.KINDS ? sleepers.get(row) : c;
        String answer = row < HolderJvm.KINDS ? next.answer() : next.ask("trylock " + offset);
        assertEquals("EOWNERDEAD", answer, end + ", " + kinds.get(row % HolderJvm.KINDS));
        assertEquals("OK", next.ask("consistent " + offset));
        assertEquals("OK", next.ask("unlock " + offset));
        assertEquals("OK", java.ask("lock " + offset));
        assertEquals("OK", java.ask("unlock " + offset));
        assertEquals("OK", c.ask("destroy " + offset));
      }
    }
  }

  @Test
  void aJvmIsKilledWhileItCountsWithC() throws Exception {
    List<MutexKind> kinds = Kinds.robust().toList();
    List<Tally> tallies = new ArrayList<>();
    for (int row = 0; row < HolderJvm.KINDS; row++) {
      SharedMutex.at(test.memory(), HolderJvm.offset(row), kinds.get(row));
      tallies.add(new Tally(test.memory(), HolderJvm.offset(row)));
    }
    List<CPeer> counters = new ArrayList<>();
    try (HolderJvm jvm = HolderJvm.start(test.path(), HolderJvm.End.KILLED_WHILE_COUNTING)) {
      for (Tally tally : tallies) {
        CPeer counter = c();
        counters.add(counter);
        counter.tell(tally.command(C_COUNTER, Long.MAX_VALUE));
      }
      awaitCounted(tallies, HolderJvm.COUNTER);
      awaitCounted(tallies, C_COUNTER);
      jvm.end(HolderJvm.End.KILLED_WHILE_COUNTING);
    }
    awaitCounted(tallies, C_COUNTER);
    counters.forEach(Peer::die);
    for (Tally tally : tallies) {
      assertEquals("OK", c.ask(tally.command(C_COUNTER + 1, 1)));
      assertEquals(tally.sum(), tally.total());
    }
  }

  /** From now on, with each mutex. */
  private static void awaitCounted(List<Tally> tallies, int counter) {
    List<Long> before = tallies.stream().map(tally -> tally.counted(counter)).toList();
    for (int i = 0; i < before.size(); i++) {
      Tally tally = tallies.get(i);
      long until = before.get(i) + COUNTS;
      Eventually.until(
          "counted by " + counter + " in row " + i, () -> tally.counted(counter) >= until);
    }
  }

  /** Who is told and declines leaves the mutex as it was told of it: the next one is told, in C too. */
  @ParameterizedTest
  @MethodSource("robustWithoutPi")
  void javaDeclines(MutexKind kind) {
    init(kind);
    lockAndDie();
    assertAnswer("EOWNERDEAD", java, "lock");
    ok(java, "decline");
    assertAnswer("EOWNERDEAD", c, "lock");
    recover(c);

    lockAndDie();
    assertAnswer("EOWNERDEAD", java, "lock");
    sleep(c, "lock");
    ok(java, "decline");
    assertEquals("EOWNERDEAD", c.answer());
    recover(c);

    lockAndDie();
    assertAnswer("EOWNERDEAD, not held", java, "java");
    assertAnswer("EOWNERDEAD", c, "trylock");
    recover(c);

    String bytes = MutexBytes.describe(Map.of(), test.memory().buffer(), OFFSET);
    int count = kind.again() == Again.RECURSIVE ? 0 : 1;
    assertTrue(bytes.startsWith("lock 0x0, count " + count + ", owner 0x0, nusers 0, kind"), bytes);
    ok(c, "destroy");
  }

  private void lockAndDie() {
    CPeer holder = c();
    ok(holder, "lock");
    holder.die();
  }

  /** And everybody can have it again. */
  private void recover(Peer owner) {
    ok(owner, "consistent");
    ok(owner, "unlock");
    ok(java, "lock");
    ok(java, "unlock");
  }

  /** The kernel would lose the mark. */
  @ParameterizedTest
  @MethodSource("robustPi")
  void javaCannotDeclinePi(MutexKind kind) {
    init(kind);
    lockAndDie();
    assertAnswer("EOWNERDEAD", java, "lock");
    assertAnswer("unsupported", java, "decline");
    assertAnswer("EBUSY", c, "trylock");
    ok(java, "unlock");
    assertAnswer("ENOTRECOVERABLE", c, "lock");
  }

  /**
   * glibc's trylock of a mutex that is not recoverable says so, but 2.36 keeps the word all the same, without PI: even
   * when it dies, for the word is not in its list. Java does not sleep for it.
   */
  @ParameterizedTest
  @MethodSource(ROBUST)
  void javaDoesNotSleepForWhatIsNotRecoverable(MutexKind kind) {
    init(kind);
    lockAndDie();
    assertAnswer("EOWNERDEAD", java, "lock");
    ok(java, "unlock");
    assertAnswer("ENOTRECOVERABLE", c, "trylock");
    assertAnswer("ENOTRECOVERABLE", java, "lock");
    c.die();
    assertAnswer("ENOTRECOVERABLE", java, "lock");
  }
}
