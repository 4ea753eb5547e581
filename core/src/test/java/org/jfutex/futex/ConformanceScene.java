// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One row of the table, played once. The thread that calls {@link #play} is the table's {@code main}. */
final class ConformanceScene implements ConformanceExpectation.Outcome {
  /** Nobody waits that long unless something is broken. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** A timeout that the row sets only so that nothing hangs gets longer, for busy machines. */
  private static final int LONGER = 20;

  /** After a thread's or a process' end nothing tells when the kernel is done with it: who sleeps on may sleep. */
  private static final long AFTER_AN_END_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  /** The engine hides what this row is about; it is for the system call. See also ConformanceScenesTest. */
  private static final Set<String> ENGINE_PASSED_BY = Set.of("LTP-07");

  /** The machine was so busy that a timeout passed before the scene came to the point; play it again. */
  static final class StalledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StalledException(String message) {
      super(message);
    }
  }

  private final ConformanceTable.Row row;
  private final ConformanceSubject subject;
  private final ConformancePeers peers;
  private final FutexEngine engine;
  private final ConformanceWorld world;
  private final ConformanceOperations operations;
  private final List<ConformanceExpectation> expectations;
  private final Map<String, Integer> mainResults = new HashMap<>();
  private final Map<String, ConformanceActor> actors = new LinkedHashMap<>();
  private final Map<String, ConformancePeers.Peer> processes = new LinkedHashMap<>();
  private final Map<String, Long> timeouts = new HashMap<>();
  private boolean somebodyEnded;
  private boolean slept;
  private double elapsedSeconds;
  private int mainTid;

  ConformanceScene(
      ConformanceTable.Row row, String kind, ConformanceSubject subject, ConformancePeers peers)
      throws IOException {
    this.row = row;
    this.subject = subject;
    this.peers = peers;
    engine = subject.engine();
    world = ConformanceWorld.create(kind, row.map());
    operations =
        new ConformanceOperations(
            subject, engine, world, this::tid, ENGINE_PASSED_BY.contains(row.id()));
    expectations = row.expectations();
  }

  /** Why a subject cannot play a row; empty if it can. */
  static Optional<String> obstacle(ConformanceTable.Row row, ConformanceSubject subject) {
    List<ConformanceScript.Statement> statements = new ArrayList<>(row.preparation());
    statements.addAll(row.steps());
    for (ConformanceScript.Statement statement : statements) {
      List<ConformanceScript.Call> calls = List.of();
      if (statement instanceof ConformanceScript.Spawn spawn) {
        if (spawn.isProcess() && subject.obstacleToProcesses() != null) {
          return Optional.of(subject.obstacleToProcesses());
        }
        calls = spawn.calls();
      } else if (statement instanceof ConformanceScript.Do call) {
        calls = List.of(call.call());
      }
      for (ConformanceScript.Call call : calls) {
        if (subject.obstacle(call) != null) {
          return Optional.of(subject.obstacle(call));
        }
      }
    }
    return Optional.empty();
  }

  /** Plays it, and fails if it does not end as Linux would have it. */
  void play() throws Exception {
    mainTid = engine.currentTid();
    for (ConformanceScript.Statement statement : row.preparation()) {
      execute(statement);
    }
    long start = System.nanoTime();
    for (ConformanceScript.Statement statement : row.steps()) {
      execute(statement);
    }
    elapsedSeconds = (System.nanoTime() - start) / 1e9;
    check();
  }

  private void execute(ConformanceScript.Statement statement) throws Exception {
    if (statement instanceof ConformanceScript.Store store) {
      world.store(store.word(), ConformanceExpression.value(store.value(), this::tid));
    } else if (statement instanceof ConformanceScript.Spawn spawn) {
      for (String actor : spawn.actors()) {
        if (spawn.isProcess()) {
          spawnProcess(actor, spawn.text());
        } else {
          spawnThread(actor, spawn.calls().get(0));
        }
      }
    } else if (statement instanceof ConformanceScript.Do call) {
      checkNotStalled();
      mainResults.put(call.result(), run(call.call()));
      checkNotStalled();
    }
  }

  private void spawnThread(String name, ConformanceScript.Call call) {
    ConformanceActor actor = new ConformanceActor(name, subject, engine);
    actors.put(name, actor);
    ConformanceScript.Call adapted = withTimeout(name, call);
    actor.begin(() -> operations.run(adapted));
    await(() -> name + " is neither blocked nor back", () -> actor.isSettled(world::contains));
  }

  private void spawnProcess(String name, String calls) throws IOException {
    ConformancePeers.Peer peer = peers.take(subject);
    processes.put(name, peer);
    peer.run(world, calls);
    await(() -> name + " is neither blocked nor back", peer::isSettled);
  }

  /** The call as it is, if the row counts on its timeout; else with a longer one. */
  private ConformanceScript.Call withTimeout(String actor, ConformanceScript.Call call) {
    int index =
        switch (call.operation()) {
          case "wait" -> 2;
          case "wait_kind", "waitbs" -> 3;
          case "waitv" -> call.arguments().size() - 1;
          default -> Integer.MAX_VALUE;
        };
    if (!call.has(index)
        || call.operation().equals("waitv") && !call.argument(index).contains("=")) {
      return call;
    }
    String prefix = call.operation().equals("waitv") ? "timeout=" : "";
    String seconds = call.argument(index).substring(prefix.length());
    if (expectations.stream().anyMatch(e -> e.expectsTimeoutOf(actor))) {
      timeouts.put(actor, System.nanoTime() + ConformanceExpression.nanos(seconds));
      return call;
    }
    return call.with(index, prefix + LONGER * Double.parseDouble(seconds));
  }

  private void checkNotStalled() {
    long now = System.nanoTime();
    if (!slept && timeouts.values().stream().anyMatch(end -> now - end > 0)) {
      throw new StalledException("a timeout passed before the row let it");
    }
  }

  private int run(ConformanceScript.Call call) throws Exception {
    switch (call.operation()) {
      case "sleep" -> {
        // Not for a time, but until those have returned whose timeouts the row waits for.
        slept = true;
        for (String actor : timeouts.keySet()) {
          await(() -> actor + " does not time out", () -> actors.get(actor).result() != null);
        }
        settle();
        return 0;
      }
      case "exit" -> {
        ConformanceActor actor = actors.get(call.argument(0));
        actor.exit();
        if (!actor.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS))) {
          throw new AssertionError(actor.name() + " does not end");
        }
        somebodyEnded = true;
        return 0;
      }
      case "kill" -> {
        processes.get(call.argument(0)).kill();
        somebodyEnded = true;
        return 0;
      }
      default -> {
        return operations.run(call);
      }
    }
  }

  /** Until every actor is back, or blocked. */
  private void settle() {
    actors.forEach(
        (name, actor) ->
            await(
                () -> name + " is neither blocked nor back",
                () -> actor.isSettled(world::contains)));
    processes.forEach(
        (name, peer) -> await(() -> name + " is neither blocked nor back", peer::isSettled));
  }

  private void check() {
    // First what has to become true; who is blocked now was not reached by any of it.
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!mismatches(false).isEmpty() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    if (somebodyEnded) {
      LockSupport.parkNanos(AFTER_AN_END_NANOS);
    }
    settle();
    List<String> mismatches = mismatches(true);
    if (mismatches.isEmpty()) {
      checkTableOfWaits();
      return;
    }
    List<ConformanceExpectation> failed =
        expectations.stream()
            .filter(e -> e.mismatch(this).isPresent())
            .collect(Collectors.toList());
    if (failed.stream().allMatch(ConformanceExpectation::isUpperBoundOfTime)) {
      throw new StalledException(mismatches.toString());
    }
    throw new AssertionError(mismatches + ", of all: " + results());
  }

  private List<String> mismatches(boolean all) {
    return expectations.stream()
        .filter(e -> all || !e.isBlocked() && !e.isUpperBoundOfTime())
        .map(e -> e.mismatch(this))
        .flatMap(Optional::stream)
        .collect(Collectors.toList());
  }

  /** The engine has to know exactly those who are blocked. */
  private void checkTableOfWaits() {
    if (ENGINE_PASSED_BY.contains(row.id())) {
      return;
    }
    Set<Thread> blocked =
        actors.values().stream()
            .filter(actor -> actor.result() == null)
            .map(ConformanceActor::thread)
            .collect(Collectors.toSet());
    Set<Thread> known = new HashSet<>();
    await(
        () -> "blocked are " + blocked + ", the table of waits says " + known,
        () -> {
          known.clear();
          engine.forEachWait(wait -> known.add(wait.thread()));
          return known.equals(blocked);
        });
  }

  private static void await(Supplier<String> otherwise, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(otherwise.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Ends all actors. Main has ended before, so that its PI words are nobody's. */
  void strike() throws Exception {
    actors.values().forEach(ConformanceActor::exit);
    // What a close does to those who were moved is not what a row is about; see
    // ConformanceCloseTest.
    world.wakeAll(engine);
    world.close(engine);
    for (ConformanceActor actor : actors.values()) {
      if (!actor.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS))) {
        throw new AssertionError(actor.name() + " is still blocked after its memory was closed");
      }
    }
    for (ConformancePeers.Peer peer : processes.values()) {
      peers.giveBack(peer);
    }
  }

  @Override
  public Map<String, Integer> results() {
    Map<String, Integer> results = new HashMap<>(mainResults);
    actors.forEach((name, actor) -> putIfBack(results, name, actor.result()));
    processes.forEach((name, peer) -> putIfBack(results, name, peer.result()));
    return results;
  }

  private static void putIfBack(Map<String, Integer> results, String name, Integer result) {
    if (result != null) {
      results.put(name, result);
    }
  }

  @Override
  public Iterable<String> actors() {
    List<String> all = new ArrayList<>(actors.keySet());
    all.addAll(processes.keySet());
    return all;
  }

  @Override
  public int load(String word) {
    return world.load(word);
  }

  @Override
  public int tid(String actor) {
    if (actor.equals("main")) {
      return mainTid;
    }
    return processes.containsKey(actor) ? processes.get(actor).tid() : actors.get(actor).tid();
  }

  @Override
  public double elapsedSeconds() {
    return elapsedSeconds;
  }
}
