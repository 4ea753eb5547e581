// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.Doorbell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapters")
class FutexIdleStrategyTest {
  private static final int MESSAGES = 100_000;

  private final MappedMemory memory = TestMemory.anonymous();
  private final Doorbell doorbell = Doorbell.at(memory, 0);

  /** Has as much work as was published. */
  private static final class Worker implements Agent {
    final AtomicInteger published = new AtomicInteger();
    volatile int done;
    volatile int cycles;
    volatile boolean isClosed;

    @Override
    public int doWork() {
      cycles++;
      int work = published.get() - done;
      done += work;
      return work;
    }

    @Override
    public void onClose() {
      isClosed = true;
    }

    @Override
    public String roleName() {
      return "worker";
    }
  }

  private final Worker worker = new Worker();

  @AfterEach
  void close() {
    memory.close();
  }

  private AgentRunner run(IdleStrategy strategy) {
    AgentRunner runner = new AgentRunner(strategy, error -> {}, null, worker);
    AgentRunner.startOnThread(runner);
    Eventually.until("asleep", () -> isAsleep(runner.thread()));
    return runner;
  }

  private static boolean isAsleep(Thread thread) {
    return FutexManager.system().waits().stream().anyMatch(wait -> wait.thread() == thread);
  }

  private void publish() {
    worker.published.incrementAndGet();
    doorbell.ring();
  }

  @Test
  void anAgentSleepsUntilItIsRungAndThenDoesAll() {
    try (AgentRunner runner = run(new FutexIdleStrategy(doorbell))) {
      for (int i = 1; i <= MESSAGES; i++) {
        publish();
        if (i % (MESSAGES / 10) == 0) {
          int all = i;
          Eventually.until("all done", () -> worker.done == all);
          Eventually.until("asleep", () -> isAsleep(runner.thread()));
        }
      }
      assertTrue(doorbell.toString().contains("one sleeps"), doorbell::toString);
    }
    assertTrue(worker.isClosed);
  }

  /** The strategy by hand: a ring between any two steps ends the next sleep, or there is none. */
  @Test
  void noRingIsLostBetweenTheSteps() {
    FutexIdleStrategy strategy = new FutexIdleStrategy(doorbell);
    for (int steps = 0; steps < 110; steps++) {
      int rung = steps;
      Actor<Boolean> agent =
          Actor.start(
              () -> {
                strategy.reset();
                for (int i = 0; i < 110; i++) {
                  if (i == rung) {
                    publish();
                  }
                  int work = worker.doWork();
                  if (work > 0) {
                    strategy.idle(work);
                    return true;
                  }
                  if (i >= 101 && i > rung) {
                    return false;
                  }
                  if (i < 101) { // it would sleep for the healing period
                    strategy.idle(0);
                  }
                }
                return false;
              });
      assertTrue(agent.result());
      assertTrue(doorbell.toString().contains("nobody sleeps"), doorbell::toString);
    }
  }

  @Test
  void anAgentWithTimersWakesForThem() {
    try (AgentRunner runner = run(new FutexIdleStrategy(doorbell, 1, TimeUnit.MILLISECONDS))) {
      int before = worker.cycles;
      Eventually.until("cycles without a ring", () -> worker.cycles > before + 100);
      assertFalse(runner.isClosed());
    }
  }

  @Test
  void anInterruptEndsTheAgentAndKeepsItsStatus() {
    try (AgentRunner runner = run(new FutexIdleStrategy(doorbell))) {
      runner.thread().interrupt();
      Eventually.until("closed", runner::isClosed);
    }
    FutexIdleStrategy strategy = new FutexIdleStrategy(doorbell);
    Actor<Boolean> agent =
        Actor.start(
            () -> {
              Thread.currentThread().interrupt();
              for (int i = 0; i < 110; i++) {
                strategy.idle();
              }
              return Thread.interrupted();
            });
    assertTrue(agent.result());
  }

  @Test
  void aCloseOfTheMemoryEndsTheAgent() {
    try (AgentRunner runner = run(new FutexIdleStrategy(doorbell))) {
      memory.close();
      Eventually.until("closed", runner::isClosed);
    }
    FutexIdleStrategy strategy = new FutexIdleStrategy(doorbell);
    assertThrows(
        AgentTerminationException.class,
        () -> {
          for (int i = 0; i < 110; i++) {
            strategy.idle();
          }
        });
  }

  @Test
  void aTimeOfNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new FutexIdleStrategy(doorbell, 0, TimeUnit.SECONDS));
    assertEquals("futex", new FutexIdleStrategy(doorbell).alias());
  }
}
