// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.jfutex.sync.Doorbell;

/**
 * One thread that writes to a {@link BlockingRingBuffer}.
 *
 * <p>The {@code offer}s and {@code tryClaim} answer at once; {@code write} and {@code claim} sleep while the buffer is
 * full. A message is acknowledged when {@code offer} or {@code write} has returned true, or {@code commit} has
 * returned; what is killed or throws before that is not, and has been written or not.
 *
 * <p>Where there can be several, the progress in its seat is odd from before bytes are claimed until after they were
 * committed. The claim is a compare-and-set, so who sees the claim sees that; and who sees the progress even again sees
 * what was committed. Of a single one, the claim is dead if it is dead.
 */
public final class RingProducer implements AutoCloseable {
  private static final int NOTHING = RingBuffer.INSUFFICIENT_CAPACITY;
  private static final int CLOSED = -1; // no index either

  private final RingBuffer ring;
  private final Seat seat;
  private final boolean counts;
  private final Doorbell messages;
  private final AtomicCounter bell; // the fields of messages
  private final Doorbell space;
  private final DeadClaims deadClaims;
  private final Thread thread = Thread.currentThread();
  private Thread writer; // null while something is claimed, and after the close
  private Thread onlyWriter; // the writer, where there can be no other; or null
  private final BooleanSupplier again = this::again; // what a sleeping thread tries
  private long writes; // the progress between two writes, even
  private int claimed; // the index of what was claimed and not committed yet; or CLOSED

  private int type; // the message that is waited with
  private DirectBuffer source; // or null, for a claim
  private int index;
  private int length;

  /**
   * @param seat has been taken by this thread
   * @param counts whether its progress tells of its writes
   */
  RingProducer(
      RingBuffer ring,
      Seat seat,
      boolean counts,
      Bell bell,
      Doorbell space,
      DeadClaims deadClaims) {
    this.ring = ring;
    this.seat = seat;
    this.counts = counts;
    messages = bell.doorbell();
    this.bell = bell.fields();
    this.space = space;
    this.deadClaims = deadClaims;
    setClaimed(NOTHING);
    writes = seat.progress();
    if (Census.isWriting(writes)) {
      writes--; // the last one here died in it
      end();
    }
  }

  /**
   * Writes a message if there is room.
   *
   * <p>Each byte of code counts in here: what JDK 17 compiled to more than 2,500 of them it calls and does not inline,
   * and the buffer's own write takes most of them.
   *
   * @param type greater than 0
   * @return false if the buffer is full
   * @throws IllegalArgumentException if the type is less than 1, or the message longer than an eighth of the capacity
   */
  public boolean offer(int type, DirectBuffer source, int index, int length) {
    boolean written =
        Thread.currentThread() == onlyWriter
            ? writeOrRepair(type, source, index, length)
            : writeCounted(type, source, index, length);
    if (written) {
      ring();
    }
    return written;
  }

  private void ring() {
    if (!Doorbell.isQuiet((int) bell.getOpaque())) {
      messages.ring();
    }
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // goes on to the caller
  private boolean writeOrRepair(int type, DirectBuffer source, int index, int length) {
    try {
      return ring.write(type, source, index, length);
    } catch (Throwable e) {
      repair();
      throw e;
    }
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // goes on to the caller
  private boolean writeCounted(int type, DirectBuffer source, int index, int length) {
    checkFree();
    try {
      begin();
      boolean written = ring.write(type, source, index, length);
      end();
      return written;
    } catch (Throwable e) {
      repair();
      throw e;
    }
  }

  /** Of what throws nothing is left. If this throws, too, a claim is: one that counts as dead, to be skipped. */
  private void repair() {
    try {
      deadClaims.repair();
    } finally {
      end();
    }
  }

  /**
   * Writes a message, sleeping while the buffer is full.
   *
   * @throws InterruptedException if it has to sleep, and this thread is interrupted before or meanwhile
   */
  public void write(int type, DirectBuffer source, int index, int length)
      throws InterruptedException {
    if (!offer(type, source, index, length)) {
      waitWith(type, source, index, length);
      try {
        space.await(again);
      } finally {
        this.source = null;
      }
    }
  }

  /**
   * As {@link #write(int, DirectBuffer, int, int)}, for a time; one of 0 or less is one attempt.
   *
   * @return false if the time is over, and nothing was written
   */
  public boolean write(
      int type, DirectBuffer source, int index, int length, long timeout, TimeUnit unit)
      throws InterruptedException {
    if (offer(type, source, index, length)) {
      return true;
    }
    waitWith(type, source, index, length);
    try {
      return space.await(again, timeout, unit);
    } finally {
      this.source = null;
    }
  }

  /** As {@link #write(int, DirectBuffer, int, int)}; an interrupt has to wait. */
  public void writeUninterruptibly(int type, DirectBuffer source, int index, int length) {
    if (!offer(type, source, index, length)) {
      waitWith(type, source, index, length);
      try {
        space.awaitUninterruptibly(again);
      } finally {
        this.source = null;
      }
    }
  }

  private void waitWith(int type, DirectBuffer source, int index, int length) {
    this.type = type;
    this.source = source;
    this.index = index;
    this.length = length;
  }

  private boolean again() {
    return source == null ? tryClaim(type, length) != NOTHING : offer(type, source, index, length);
  }

  /**
   * Claims room for a message, to be written into {@link #buffer()} and then committed or aborted. Until then the
   * reader waits behind it, and this producer writes nothing else.
   *
   * @return where the message begins in the buffer, or {@link RingBuffer#INSUFFICIENT_CAPACITY}
   */
  @SuppressWarnings("checkstyle:IllegalCatch") // goes on to the caller
  public int tryClaim(int type, int length) {
    checkFree();
    try {
      begin();
      setClaimed(ring.tryClaim(type, length));
    } catch (Throwable e) {
      repair();
      throw e;
    }
    if (claimed == NOTHING) {
      end();
    }
    return claimed;
  }

  /** As {@link #tryClaim}, sleeping while the buffer is full; interruptible as {@code write} is. */
  public int claim(int type, int length) throws InterruptedException {
    if (tryClaim(type, length) == NOTHING) {
      waitWith(type, null, 0, length);
      space.await(again);
    }
    return claimed;
  }

  /** As {@link #claim(int, int)}, for a time. */
  public int claim(int type, int length, long timeout, TimeUnit unit) throws InterruptedException {
    if (tryClaim(type, length) == NOTHING) {
      waitWith(type, null, 0, length);
      space.await(again, timeout, unit);
    }
    return claimed;
  }

  /** Where claimed messages are written to; this thread writes nowhere else in it. */
  public AtomicBuffer buffer() {
    return ring.buffer();
  }

  /**
   * Gives a claimed message to the reader.
   *
   * @throws IllegalStateException if this is not what was claimed
   */
  public void commit(int index) {
    checkClaimed(index);
    ring.commit(index);
    settled();
  }

  /** Gives up a claimed message, which the reader skips. */
  public void abort(int index) {
    checkClaimed(index);
    ring.abort(index);
    settled();
  }

  /** The reader may have found messages of others behind the claim, and sleep. */
  private void settled() {
    setClaimed(NOTHING);
    end();
    ring();
  }

  private void setClaimed(int now) {
    claimed = now;
    writer = now == NOTHING ? thread : null;
    onlyWriter = counts ? null : writer;
  }

  /** One comparison, where all is well, for all that can be wrong. */
  private void checkFree() {
    if (Thread.currentThread() != writer) {
      throw new IllegalStateException(whatIsWrong());
    }
  }

  private void checkClaimed(int expected) {
    if (claimed != expected || Thread.currentThread() != thread) {
      throw new IllegalStateException(whatIsWrong());
    }
  }

  private String whatIsWrong() {
    if (Thread.currentThread() != thread) {
      return "found thread "
          + Thread.currentThread().getName()
          + ", expected "
          + thread.getName()
          + ": each thread asks for a producer of its own, which lives as long as it does";
    }
    return switch (claimed) {
      case CLOSED -> "this producer is closed, expected an open one";
      case NOTHING -> "nothing is claimed, expected what is to be committed or aborted";
      default ->
          "found a claim at index " + claimed + ", which is to be committed or aborted first";
    };
  }

  private void begin() {
    if (counts) {
      seat.setProgressPlain(writes + 1);
    }
  }

  /** After what was written, or of what nothing is left. */
  private void end() {
    if (counts) {
      writes += 2;
      seat.setProgress(writes);
    }
  }

  /** Leaves the queue; what is claimed is aborted. The second time does nothing. */
  @Override
  public void close() {
    if (claimed == CLOSED) {
      return;
    }
    if (claimed != NOTHING) {
      abort(claimed);
    }
    checkFree();
    setClaimed(CLOSED);
    seat.leave();
  }
}
