// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Every row of the table of futex operations, with every kind of word, on every engine: the kernel's through each
 * backend, and in-JVM. What cannot be expressed is skipped by name, and listed with its reason at the end.
 */
class ConformanceTest {
  /** Most of the time a scene waits for a timeout or for a thread to start. */
  private static final int SCENES_AT_ONCE = 4;

  private static final int ATTEMPTS = 5;
  private static final long SCENE_MINUTES = 2;

  private static final ExecutorService STAGE = Executors.newFixedThreadPool(SCENES_AT_ONCE);
  private static final ConformancePeers PEERS = new ConformancePeers();
  private static final Queue<String> NOT_EXPRESSIBLE = new ConcurrentLinkedQueue<>();
  private static final Queue<String> PASSED = new ConcurrentLinkedQueue<>();

  @AfterAll
  static void report() {
    STAGE.shutdownNow();
    PEERS.close();
    NOT_EXPRESSIBLE.forEach(line -> System.out.println("not expressible: " + line));
    System.out.println(
        "conformance: "
            + PASSED.size()
            + " passed, "
            + NOT_EXPRESSIBLE.size()
            + " not expressible");
  }

  @TestFactory
  Stream<DynamicNode> rows() {
    List<ConformanceTable.Row> rows = ConformanceTable.rows();
    List<DynamicNode> containers = new ArrayList<>();
    for (ConformanceSubject subject : ConformanceSubject.all()) {
      List<DynamicNode> tests = new ArrayList<>();
      for (ConformanceTable.Row row : rows) {
        if (!row.isProse()) {
          row.kinds().forEach(kind -> tests.add(test(row, kind, subject)));
        }
      }
      containers.add(dynamicContainer(subject.toString(), tests));
    }
    containers.add(
        dynamicContainer(
            "prose",
            rows.stream()
                .filter(row -> row.isProse() && !ConformanceScenesTest.ROWS.contains(row.id()))
                .map(row -> dynamicTest(row.id(), () -> skip(row.id(), row.prose())))));
    return containers.stream();
  }

  private static DynamicNode test(
      ConformanceTable.Row row, String kind, ConformanceSubject subject) {
    String name = row.id() + " " + kind;
    String reported = row.id() + " " + kind + " [" + subject + "]";
    Optional<String> obstacle = ConformanceScene.obstacle(row, subject);
    if (obstacle.isPresent()) {
      return dynamicTest(name, () -> skip(reported, obstacle.get()));
    }
    // Begins now, while the tests before it are being reported.
    CompletableFuture<Void> played = new CompletableFuture<>();
    STAGE.execute(
        () -> {
          try {
            playUntilUndisturbed(row, kind, subject);
            played.complete(null);
          } catch (Throwable e) {
            played.completeExceptionally(e);
          }
        });
    return dynamicTest(
        name,
        () -> {
          try {
            played.get(SCENE_MINUTES, TimeUnit.MINUTES);
            PASSED.add(reported);
          } catch (ExecutionException e) {
            throw new AssertionError(
                reported + ": " + row.notes() + ": " + e.getCause(), e.getCause());
          } catch (TimeoutException e) {
            throw new AssertionError(reported + " hangs", e);
          }
        });
  }

  private static void skip(String reported, String reason) {
    NOT_EXPRESSIBLE.add(reported + ": " + reason);
    Assumptions.abort(reason);
  }

  private static void playUntilUndisturbed(
      ConformanceTable.Row row, String kind, ConformanceSubject subject) throws Throwable {
    for (int attempt = 1; ; attempt++) {
      try {
        play(row, kind, subject);
        return;
      } catch (ConformanceScene.StalledException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** In a thread of its own, whose end gives up what PI words it holds. */
  private static void play(ConformanceTable.Row row, String kind, ConformanceSubject subject)
      throws Throwable {
    ConformanceScene scene = new ConformanceScene(row, kind, subject, PEERS);
    Throwable[] failure = new Throwable[1];
    Thread main =
        new Thread(
            () -> {
              try {
                scene.play();
              } catch (Throwable e) {
                failure[0] = e;
              }
            },
            "conformance-main-" + row.id());
    main.start();
    main.join();
    try {
      scene.strike();
    } catch (Throwable e) {
      if (failure[0] == null) {
        throw e;
      }
      failure[0].addSuppressed(e);
    }
    if (failure[0] != null) {
      throw failure[0];
    }
  }
}
