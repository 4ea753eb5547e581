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
 */
public final class RingProducer implements AutoCloseable {
  private static final int NOTHING = RingWriter.NOTHING;
  private static final int CLOSED = -1; // no index either

  private final RingWriter records;
  private final Seat seat;
  private final Doorbell messages;
  private final AtomicCounter bell; // the fields of messages
  private final Doorbell space;
  private final Thread thread = Thread.currentThread();
  private Thread writer; // null while something is claimed, and after the close
  private final BooleanSupplier again = this::again; // what a sleeping thread tries
  private int claimed; // the index of what was claimed and not committed yet; or CLOSED

  private int type; // the message that is waited with
  private DirectBuffer source; // or null, for a claim
  private int index;
  private int length;

  /**
   * @param seat has been taken by this thread
   */
  RingProducer(RingWriter records, Seat seat, Bell bell, Doorbell space) {
    this.records = records;
    this.seat = seat;
    messages = bell.doorbell();
    this.bell = bell.fields();
    this.space = space;
    setClaimed(NOTHING);
  }

  /**
   * Writes a message if there is room.
   *
   * @param type greater than 0
   * @return false if the buffer is full
   * @throws IllegalArgumentException if the type is less than 1, or the message longer than an eighth of the capacity
   * @throws IndexOutOfBoundsException if the source has no such bytes; nothing was claimed
   */
  public boolean offer(int type, DirectBuffer source, int index, int length) {
    checkFree();
    boolean written = records.write(type, source, index, length);
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
  public int tryClaim(int type, int length) {
    checkFree();
    setClaimed(records.tryClaim(type, length));
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
    return records.bytes.buffer;
  }

  /**
   * Gives a claimed message to the reader.
   *
   * @throws IllegalStateException if this is not what was claimed
   */
  public void commit(int index) {
    checkClaimed(index);
    records.commit(index);
    settled();
  }

  /** Gives up a claimed message, which the reader skips. */
  public void abort(int index) {
    checkClaimed(index);
    records.abort(index);
    settled();
  }

  /** The reader may have found messages of others behind the claim, and sleep. */
  private void settled() {
    setClaimed(NOTHING);
    ring();
  }

  private void setClaimed(int now) {
    claimed = now;
    writer = now == NOTHING ? thread : null;
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
