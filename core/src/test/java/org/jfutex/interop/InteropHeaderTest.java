// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The primitives of {@code jfutex.h} and those of Java: the same history gives the same answers and leaves the same
 * bytes after every step, whoever plays which part.
 */
class InteropHeaderTest {
  private static final int OFFSET = 64;

  /** A sleep for a condition ends by itself after 500 ms in Java; a shorter play cannot have seen that. */
  private static final long UNDISTURBED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private static final int REPETITIONS = 20;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  /** That it compiles is half of it. */
  @Test
  void isCppToo() {
    try (CPeer peer = HeaderPeer.inCpp(test.path())) {
      assertEquals("OK", peer.ask("event-set " + OFFSET));
      assertTrue(SharedEvent.manualReset(test.memory(), OFFSET).isSet());
    }
  }

  /** Who came and gives up lets those in whom it kept out. */
  @ParameterizedTest
  @ValueSource(strings = {"CCC", "CJC", "JCJ", "CCJ", "JJC"})
  void aWriterGivesUp(String cast) {
    undisturbed(() -> giveUpWriting(cast));
  }

  private Void giveUpWriting(String cast) {
    test.memory().buffer().put(OFFSET, new byte[HeaderPeer.BYTES]);
    List<Peer> peers = cast.chars().mapToObj(language -> peer((char) language)).toList();
    Peer writer = peers.get(1);
    try {
      assertEquals("OK", peers.get(0).ask("rwlock-rdlock " + OFFSET));
      writer.tellAndSleep("rwlock-wrlock " + OFFSET + " 450", OFFSET, HeaderPeer.MUTEX_AT);
      assertEquals("OK", peers.get(2).ask("rwlock-rdlock " + OFFSET));
      assertEquals("ETIMEDOUT", writer.answer());
      return null;
    } finally {
      peers.forEach(Peer::close);
    }
  }

  /** Who changed the word died before waking: that costs the healing period, not more. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mutex-lock    | 0x00000002 | 0 | 0",
        "rwlock-rdlock | 0x3fffffff | 0 | 0",
        "rwlock-rdlock | 0x3fffffff | 0 | 0x40000000",
        "rwlock-rdlock | 0x3fffffff | 0 | 0xc0000000",
        "rwlock-rdlock | 0x80000001 | 0 | 0xc0000001",
        "rwlock-wrlock | 0x3fffffff | 0 | 0",
        "rwlock-wrlock | 0x00000001 | 0 | 0xc0000000",
        "event-wait    | 0          | 0 | 5",
        "event-take    | 0          | 0 | 5",
        "latch-wait    | 0          | 1 | 1",
        "barrier-wait  | 0          | 2 | 0x00010000",
      })
  void aDeadWakerIsMadeUpFor(String command, String state, int parameter, String changed) {
    test.memory().word(OFFSET).setVolatile(Long.decode(state).intValue());
    test.memory().word(OFFSET + Integer.BYTES).setVolatile(parameter);
    test.memory().word(OFFSET + MutexBytes.KIND).setVolatile(HeaderPeer.fieldOf(MutexKind.NORMAL));
    try (CPeer sleeper = HeaderPeer.inC(test.path(), "-DJFUTEX_HEALING_MILLIS=200")) {
      sleeper.tellAndSleep(command + " " + OFFSET, OFFSET, HeaderPeer.MUTEX_AT);
      test.memory().word(OFFSET).setVolatile(Long.decode(changed).intValue());
      assertEquals("OK", sleeper.answer());
    }
  }

  /** Bits of waiters that are no more keep nobody out, even if all wait for less than the healing period. */
  @ParameterizedTest
  @CsvSource({"C, 0x40000000", "J, 0x40000000", "C, 0xc0000001", "J, 0xc0000001"})
  void shortWaitsMakeUpForItToo(char language, String state) {
    test.memory().word(OFFSET).setVolatile(Long.decode(state).intValue());
    try (Peer peer = peer(language)) {
      assertEquals("OK", peer.ask("rwlock-rdlock " + OFFSET + " 100"));
    }
  }

  static Stream<HeaderScript> scripts() {
    return HeaderScript.all();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void agree(HeaderScript script) {
    String expected = undisturbed(() -> playOnce(script, "CCC"));
    Stream<String> casts =
        script.peers() == 2 ? Stream.of("CJ", "JC", "JJ") : Stream.of("CJC", "JCJ", "CJJ", "JJC");
    casts.forEach(
        cast ->
            undisturbed(
                () -> {
                  assertEquals(expected, playOnce(script, cast), () -> "played by " + cast);
                  return null;
                }));
  }

  static Stream<Arguments> castsOfKinds() {
    return HeaderScript.kinds()
        .flatMap(
            kind ->
                Stream.of("CCC", "CJC", "JCJ", "CJJ", "JJC", "JJJ")
                    .map(cast -> Arguments.of(kind, cast)));
  }

  /** Who is first of two that are signalled together is not said. */
  @ParameterizedTest
  @MethodSource("castsOfKinds")
  void allAreSignalled(MutexKind kind, String cast) {
    undisturbed(() -> signalAll(kind, cast));
  }

  private Void signalAll(MutexKind kind, String cast) {
    test.memory().buffer().put(OFFSET, new byte[HeaderPeer.BYTES]);
    SharedMutex.at(test.memory(), OFFSET + HeaderPeer.MUTEX_AT, kind, Kinds.NO_REPAIR);
    List<Peer> peers = cast.chars().mapToObj(language -> peer((char) language)).toList();
    List<Peer> waiters = peers.subList(0, 2);
    Peer signaller = peers.get(2);
    try {
      for (Peer waiter : waiters) {
        assertEquals("OK", ask(waiter, "mutex-lock"));
        waiter.tellAndSleep("condition-wait " + OFFSET, OFFSET, HeaderPeer.BYTES);
      }
      assertEquals("OK", ask(signaller, "mutex-lock"));
      assertEquals("OK", signaller.ask("condition-broadcast " + OFFSET));
      assertTrue(waiters.stream().noneMatch(Peer::isDone), "the signaller has the mutex");
      assertEquals("OK", ask(signaller, "mutex-unlock"));
      Eventually.until("one has it", () -> waiters.stream().anyMatch(Peer::isDone));
      Peer first = waiters.get(waiters.get(0).isDone() ? 0 : 1);
      Peer second = waiters.get(first == waiters.get(0) ? 1 : 0);
      assertEquals("OK", first.answer());
      assertFalse(second.isDone(), "the other one has the mutex");
      assertEquals("OK", ask(first, "mutex-unlock"));
      assertEquals("OK", second.answer());
      assertEquals("OK", ask(second, "mutex-unlock"));
      assertEquals("OK", ask(signaller, "mutex-lock"));
      return null;
    } finally {
      peers.forEach(Peer::close);
    }
  }

  private static String ask(Peer peer, String command) {
    return peer.ask(command + " " + (OFFSET + HeaderPeer.MUTEX_AT));
  }

  /** Played again if it went wrong and was too slow to tell. */
  private static <T> T undisturbed(Supplier<T> play) {
    for (int repetition = 1; ; repetition++) {
      long start = System.nanoTime();
      try {
        return play.get();
      } catch (AssertionError e) {
        if (System.nanoTime() - start < UNDISTURBED_NANOS || repetition == REPETITIONS) {
          throw e;
        }
      }
    }
  }

  /** What was seen after each step. */
  private String playOnce(HeaderScript script, String cast) {
    test.memory().buffer().put(OFFSET, new byte[HeaderPeer.BYTES]);
    Map<Character, Peer> peers = new LinkedHashMap<>();
    try {
      for (int i = 0; i < script.peers(); i++) {
        peers.put((char) ('a' + i), peer(cast.charAt(i)));
      }
      StringBuilder seen = new StringBuilder();
      Set<Peer> asleep = new LinkedHashSet<>();
      for (Script.Step step : script.steps()) {
        int offset = step.command().startsWith("mutex") ? OFFSET + HeaderPeer.MUTEX_AT : OFFSET;
        String answer = step.play(peers, offset, HeaderPeer.MUTEX_AT);
        if (step.sleeps()) {
          asleep.add(peers.get(step.peer()));
        }
        step.next().chars().forEach(name -> asleep.remove(peers.get((char) name)));
        // A reader whose time is over has a writer look, which is not to be awake in the next step.
        asleep.forEach(peer -> peer.awaitSleep(OFFSET, HeaderPeer.BYTES));
        assertEquals(step.answer(), answer, () -> "played by " + cast + ":\n" + seen + step);
        seen.append(step).append(": ").append(bytes(script, peers)).append('\n');
      }
      return seen.toString();
    } finally {
      peers.values().forEach(Peer::close);
    }
  }

  private Peer peer(char language) {
    return language == 'C' ? HeaderPeer.inC(test.path()) : new HeaderPeer(test.memory());
  }

  /** Of the primitive, and of the mutex of a condition, unless the kernel writes it when it likes. */
  private String bytes(HeaderScript script, Map<Character, Peer> peers) {
    StringBuilder bytes = new StringBuilder();
    for (int field = 0; field < 16; field += Integer.BYTES) {
      bytes.append(Integer.toHexString(test.memory().buffer().getInt(OFFSET + field))).append(' ');
    }
    return script.name().contains("PI")
        ? bytes.toString()
        : bytes + MutexBytes.describe(peers, test.memory().buffer(), OFFSET + HeaderPeer.MUTEX_AT);
  }
}
