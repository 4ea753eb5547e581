// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each task that has a peer in Java, once: it answers, and leaves nothing. */
class PeersTest {
  @BeforeAll
  static void canPin() {
    Assumptions.assumeTrue(CPeers.onPath("taskset").isPresent(), "nothing to pin with");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mutex-normal",
        "mutex-default",
        "semaphore",
        "rwlock-read",
        "rwlock-write",
        "rwlock-compact-read",
        "rwlock-compact-write",
        "latch",
        "ReentrantLock",
        "Semaphore",
        "ReentrantReadWriteLock-read",
        "ReentrantReadWriteLock-write",
        "StampedLock-read",
        "CountDownLatch"
      })
  void threadsGoThrough(String door) throws IOException {
    assertAnswers("threads", door, cpu(), cpu());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "condition",
        "event",
        "doorbell",
        "semaphore",
        "latch",
        "barrier",
        "Condition",
        "LockSupport",
        "Semaphore",
        "CountDownLatch",
        "CyclicBarrier"
      })
  void threadsTakeTurns(String way) throws IOException {
    assertAnswers("hand-off", way, cpu(), cpu());
  }

  @Test
  void semaphoresAreTakenThroughJna() throws IOException {
    assertAnswers("semaphore-jna-uncontended");
    try (SharedFile file = new SharedFile();
        Team team = new Team(jvm("semaphore-jna-contended", file, "0", "2"), 2)) {
      assertTrue(team.slice(5).value() > 0);
    }
  }

  private static void assertAnswers(String task, String... arguments) throws IOException {
    try (SharedFile file = new SharedFile();
        Child child = new Child(jvm(task, file, arguments)).ready()) {
      assertTrue(child.slice(1).value() > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "futex", "spin", "yield", "backoff", "sleep", "sleep-1ms"})
  void messagesArriveThroughARing(String wait) throws IOException {
    assertArrive("ring", wait);
  }

  @ParameterizedTest
  @ValueSource(strings = {"futex", "busy", "balanced", "millis", "sleepy"})
  void messagesArriveThroughAQueue(String pauser) throws IOException {
    assertArrive("chronicle", pauser);
  }

  private static void assertArrive(String link, String wait) throws IOException {
    assertPairAnswers(
        file -> jvm(link + "-pong", file, "0", wait),
        file -> jvm(link + "-ping", file, "0", wait, "100000"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "block word 1",
        "block event 3",
        "future word 1",
        "future semaphore 1",
        "future event 3",
        "channel event 1"
      })
  void requestsAreServed(String how) throws IOException {
    String[] words = how.split(" ");
    assertPairAnswers(
        file -> jvm("served-" + words[0] + "-pong", file, "0", words[1], words[2]),
        file -> jvm("served-ping", file, "0", words[1], words[2]));
  }

  @Test
  void requestsAreServedBesideASocket() throws IOException {
    assertPairAnswers(file -> jvm("socket-select-pong", file), file -> jvm("socket-ping", file));
  }

  private static void assertPairAnswers(
      Function<SharedFile, List<String>> pong, Function<SharedFile, List<String>> ping)
      throws IOException {
    Path folder;
    String own;
    try (SharedFile file = new SharedFile()) {
      folder = file.path().getParent();
      own = file.path().getFileName().toString();
      try (PingPong pair = new PingPong(pong.apply(file), ping.apply(file))) {
        assertTrue(pair.slice(1).value() > 0);
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.filter(one -> one.getFileName().toString().startsWith(own)).count());
    }
  }

  private static String cpu() throws IOException {
    return Integer.toString(Machine.allowedCpus().get(0));
  }

  private static List<String> jvm(String task, SharedFile file, String... arguments) {
    List<String> all = new ArrayList<>(List.of(task, file.path().toString()));
    all.addAll(List.of(arguments));
    return new ChildJvm("jna").withChronicleFlags().command(all.toArray(String[]::new));
  }
}
