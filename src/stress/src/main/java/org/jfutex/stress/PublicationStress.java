// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedOnce;
import org.jfutex.sync.SharedSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * One thread writes a plain word and gives, another takes and reads: it finds what was written. Where nothing heals, a
 * lost wake-up is a test that never ends.
 */
public final class PublicationStress {
  private static final int DATA = 0;

  private PublicationStress() {}

  /** An event that stays set. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "found")
  @Outcome(expect = FORBIDDEN, desc = "woken before it was written")
  @State
  public static class ManualResetEvent {
    private final Place place = new Place();
    private final SharedEvent event = SharedEvent.manualReset(place.memory(), place.offset());

    @Actor
    public void writer() {
      place.setPlain(DATA, 1);
      event.set();
    }

    @Actor
    public void reader(I_Result result) {
      event.awaitUninterruptibly();
      result.r1 = place.getPlain(DATA);
    }
  }

  /** An event that is taken. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "found")
  @Outcome(expect = FORBIDDEN, desc = "woken before it was written")
  @State
  public static class AutoResetEvent {
    private final Place place = new Place();
    private final SharedEvent event = SharedEvent.autoReset(place.memory(), place.offset());

    @Actor
    public void writer() {
      place.setPlain(DATA, 1);
      event.set();
    }

    @Actor
    public void reader(I_Result result) {
      event.awaitUninterruptibly();
      result.r1 = place.getPlain(DATA);
    }
  }

  /** A permit that was not there before. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "found")
  @Outcome(expect = FORBIDDEN, desc = "woken before it was written")
  @State
  public static class Semaphore {
    private final Place place = new Place();
    private final SharedSemaphore permits = SharedSemaphore.at(place.memory(), place.offset(), 0);

    @Actor
    public void writer() {
      place.setPlain(DATA, 1);
      permits.release();
    }

    @Actor
    public void reader(I_Result result) {
      permits.acquireUninterruptibly();
      result.r1 = place.getPlain(DATA);
    }
  }

  /** A latch of one. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "found")
  @Outcome(expect = FORBIDDEN, desc = "woken before it was written")
  @State
  public static class Latch {
    private final Place place = new Place();
    private final SharedLatch latch = SharedLatch.at(place.memory(), place.offset(), 1);

    @Actor
    public void writer() {
      place.setPlain(DATA, 1);
      latch.countDown();
    }

    @Actor
    public void reader(I_Result result) {
      latch.awaitUninterruptibly();
      result.r1 = place.getPlain(DATA);
    }
  }

  /** Two that want it to be initialised: it is, once, and both find it. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "by one of them, and both find it")
  @Outcome(expect = FORBIDDEN, desc = "twice, or not found")
  @State
  public static class Once {
    private final Place place = new Place();
    private final SharedOnce once = SharedOnce.at(place.memory(), place.offset());

    @Actor
    public void one(II_Result result) {
      result.r1 = initialise();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = initialise();
    }

    private int initialise() {
      once.run(() -> place.incrementPlain(DATA));
      return place.getPlain(DATA);
    }
  }
}
