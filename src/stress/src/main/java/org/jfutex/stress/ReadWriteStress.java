// SPDX-License-Identifier: Apache-2.0
package org.jfutex.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Function;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.SharedReadWriteLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One thread writes two plain words under a write lock, another reads them under the read lock: both or none. */
public final class ReadWriteStress {
  private static final int FIRST = 0;
  private static final int SECOND = 1;
  private static final int READERS = 2;

  private ReadWriteStress() {}

  /** Two words, and what guards them. */
  private abstract static class Pair {
    private final Place place = new Place();
    private final ReadWriteLock lock;

    Pair(Function<Place, ReadWriteLock> lock) {
      this.lock = lock.apply(place);
    }

    final void write() {
      lock.writeLock().lock();
      place.setPlain(FIRST, 1);
      place.setPlain(SECOND, 1);
      lock.writeLock().unlock();
    }

    final void read(II_Result result) {
      lock.readLock().lock();
      result.r1 = place.getPlain(SECOND);
      result.r2 = place.getPlain(FIRST);
      lock.readLock().unlock();
    }
  }

  /** The one that survives killed readers. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1"},
      expect = ACCEPTABLE,
      desc = "before or after the writer")
  @Outcome(expect = FORBIDDEN, desc = "in the middle of the writer")
  @State
  public static class Robust extends Pair {
    public Robust() {
      super(place -> SharedReadWriteLock.at(place.memory(), place.offset(), READERS, null));
    }

    @Actor
    public void writer() {
      write();
    }

    @Actor
    public void reader(II_Result result) {
      read(result);
    }
  }

  /** The one of 8 bytes. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1"},
      expect = ACCEPTABLE,
      desc = "before or after the writer")
  @Outcome(expect = FORBIDDEN, desc = "in the middle of the writer")
  @State
  public static class Compact extends Pair {
    public Compact() {
      super(place -> CompactReadWriteLock.at(place.memory(), place.offset()));
    }

    @Actor
    public void writer() {
      write();
    }

    @Actor
    public void reader(II_Result result) {
      read(result);
    }
  }
}
