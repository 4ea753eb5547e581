// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.jfutex.sync.Doorbell;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Who publishes and rings, and who announces and looks: one at least sees what the other stored. In a result the first
 * number says whether the consumer found the work, the second whether the bell was rung.
 */
public final class DoorbellStress {
  private static final int WORK = 0;
  private static final int ANNOUNCED = 1;

  /** In the doorbell's bytes; see {@link Doorbell}. */
  private static final int MODE = 4;

  private static final int FENCE = 1;
  private static final int NOT_CHOSEN = 0;

  private static final int SLEEPERS = 3;
  private static final int NEW = 0;
  private static final int EVERY_RING_FENCES = 12;

  private DoorbellStress() {}

  /**
   * A CPU that was idle when this process registered for membarrier(2) is passed over until it has run another process,
   * see ADR 0016: a doorbell makes up for that when it sleeps, which nobody does here.
   */
  private static void visitEveryCpu() {
    Doorbell.at(new Place().memory(), 0); // registers
    int cpus = Runtime.getRuntime().availableProcessors();
    try {
      for (int cpu = 0; cpu < cpus; cpu++) {
        new ProcessBuilder("taskset", "-c", Integer.toString(cpu), "true").start().waitFor();
      }
    } catch (IOException e) {
      System.err.println("no taskset (util-linux) on the path: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A place for work, and a doorbell. */
  private abstract static class Bell {
    static {
      visitEveryCpu();
    }

    private final Place place = new Place();
    private final Doorbell doorbell;

    /**
     * @param state what the bell knows already
     */
    Bell(int mode, int state) {
      place.memory().word(place.offset()).setVolatile(state);
      place.memory().word(place.offset() + MODE).setVolatile(mode);
      doorbell = Doorbell.at(place.memory(), place.offset());
    }

    final void publishAndRing() {
      place.setRelease(WORK, 1);
      doorbell.ring();
    }

    final int announceAndLook() {
      doorbell.prepare();
      return work();
    }

    final int sleepUntilThereIsWork() {
      doorbell.awaitUninterruptibly(() -> work() != 0);
      return work();
    }

    private int work() {
      return place.getAcquire(WORK);
    }

    /** The sleeper's bit is cleared by who rings. */
    final int rung() {
      return (place.memory().word(place.offset()).getVolatile() & SLEEPERS) == 1 ? 0 : 1;
    }
  }

  /** In the mode that this machine chooses: membarrier, where there is one. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "asleep beside work, and nobody rings")
  @Outcome(expect = ACCEPTABLE, desc = "work found, or the bell rung, or both")
  @State
  public static class Chosen extends Bell {
    public Chosen() {
      super(NOT_CHOSEN, NEW);
    }

    @Actor
    public void producer() {
      publishAndRing();
    }

    @Actor
    public void consumer(II_Result result) {
      result.r1 = announceAndLook();
    }

    @Arbiter
    public void afterwards(II_Result result) {
      result.r2 = rung();
    }
  }

  /** The same among sleepers, so that no sleeper fences for the ring. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "asleep beside work, and nobody rings")
  @Outcome(expect = ACCEPTABLE, desc = "work found, or the bell rung, or both")
  @State
  public static class RingsFence extends Bell {
    public RingsFence() {
      super(NOT_CHOSEN, EVERY_RING_FENCES);
    }

    @Actor
    public void producer() {
      publishAndRing();
    }

    @Actor
    public void consumer(II_Result result) {
      result.r1 = announceAndLook();
    }

    @Arbiter
    public void afterwards(II_Result result) {
      result.r2 = rung();
    }
  }

  /** In the mode in which both sides fence. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "asleep beside work, and nobody rings")
  @Outcome(expect = ACCEPTABLE, desc = "work found, or the bell rung, or both")
  @State
  public static class Fence extends Bell {
    public Fence() {
      super(FENCE, NEW);
    }

    @Actor
    public void producer() {
      publishAndRing();
    }

    @Actor
    public void consumer(II_Result result) {
      result.r1 = announceAndLook();
    }

    @Arbiter
    public void afterwards(II_Result result) {
      result.r2 = rung();
    }
  }

  /** The same steps with nothing that fences for the producer: what the others would see if they were wrong. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "both miss each other")
  @Outcome(expect = ACCEPTABLE, desc = "work found, or the sleeper seen, or both")
  @State
  public static class WithoutBarrier {
    private final Place place = new Place();

    @Actor
    public void producer(II_Result result) {
      place.setRelease(WORK, 1);
      result.r2 = place.getOpaque(ANNOUNCED);
    }

    @Actor
    public void consumer(II_Result result) {
      place.compareAndSet(ANNOUNCED, 0, 1);
      result.r1 = place.getAcquire(WORK);
    }
  }

  /** Really asleep; where nothing heals, a lost ring is a test that never ends. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "woken, or never asleep")
  @State
  public static class Asleep extends Bell {
    public Asleep() {
      super(NOT_CHOSEN, NEW);
    }

    @Actor
    public void producer() {
      publishAndRing();
    }

    @Actor
    public void consumer(I_Result result) {
      result.r1 = sleepUntilThereIsWork();
    }
  }
}
