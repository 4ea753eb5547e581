// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same history gives the same answers and leaves the same 40 bytes after every step, whoever plays which part, Java
 * or C. What is right is what C does with itself.
 */
class InteropScriptTest {
  private static final int OFFSET = 64;
  private static final String C_ALONE = "CCC";

  private static TestMemory test;
  private static CPeer destroyer;
  private static final Deque<CPeer> IDLE = new ArrayDeque<>();

  @BeforeAll
  static void open() {
    test = new TestMemory();
    destroyer = new CPeer(test.path());
  }

  @AfterAll
  static void close() {
    IDLE.forEach(CPeer::close);
    if (destroyer != null) {
      destroyer.close();
    }
    test.close();
  }

  static Stream<Arguments> scripts() {
    return Script.all()
        .flatMap(
            script -> Kinds.all().filter(script.kinds()).map(kind -> Arguments.of(script, kind)));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void agree(Script script, MutexKind kind) {
    String expected = play(script, kind, C_ALONE);
    Stream<String> casts =
        script.peers() == 2 ? Stream.of("CJ", "JC", "JJ") : Stream.of("CJC", "JCJ", "CJJ", "JJC");
    casts.forEach(
        cast -> assertEquals(expected, play(script, kind, cast), () -> "played by " + cast));
  }

  /** What was seen after each step. */
  private static String play(Script script, MutexKind kind, String cast) {
    test.memory().buffer().put(OFFSET, new byte[MutexBytes.BYTES]);
    Map<Character, Peer> peers = new LinkedHashMap<>();
    try {
      for (int i = 0; i < script.peers(); i++) {
        peers.put((char) ('a' + i), cast.charAt(i) == 'C' ? takeC() : new JavaPeer(test.memory()));
      }
      StringBuilder seen = new StringBuilder();
      note(seen, "a init", peers.get('a').ask("init " + OFFSET + " " + kind), peers);
      for (Script.Step step : script.steps()) {
        String answer = step.play(peers, OFFSET, MutexBytes.BYTES);
        assertEquals(step.answer(), answer, () -> "played by " + cast + ":\n" + seen + step);
        note(seen, step.toString(), answer, peers);
      }
      note(seen, "destroy", destroyer.ask("destroy " + OFFSET), peers);
      peers.values().forEach(InteropScriptTest::giveBack);
      return seen.toString();
    } catch (RuntimeException | AssertionError e) {
      peers.values().forEach(Peer::close);
      throw e;
    }
  }

  private static void note(
      StringBuilder seen, String step, String answer, Map<Character, Peer> peers) {
    seen.append(step)
        .append(" = ")
        .append(answer)
        .append(": ")
        .append(MutexBytes.describe(peers, test.memory().buffer(), OFFSET))
        .append('\n');
  }

  private static CPeer takeC() {
    CPeer idle = IDLE.poll();
    return idle == null ? new CPeer(test.path()) : idle;
  }

  private static void giveBack(Peer peer) {
    if (peer instanceof CPeer process && process.isAlive()) {
      IDLE.push(process);
    } else {
      peer.close();
    }
  }
}
