// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.agrona.concurrent.ringbuffer.RingBuffer.PADDING_MSG_TYPE_ID;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.MessageHandler;
import org.jfutex.futex.Deadline;
import org.jfutex.sync.Doorbell;

/**
 * The one thread that reads a {@link BlockingRingBuffer}.
 *
 * <p>It notes after each message how far it is, and gives the bytes back to the producers at the end of a batch: zeroes
 * them, if there are several, and then moves the head. A reader that follows one who was killed does the rest of that,
 * from the head to what was noted; Agrona's own reader leaves half zeroed messages there, which look like others.
 *
 * <p>Where something was claimed and is not committed for a while, it finds out whether that is dead: see {@link
 * DeadClaims}. What is only paused stays in its way, and it sleeps meanwhile.
 */
public final class RingConsumer implements AutoCloseable {
  /** How long something stays uncommitted until it is looked at, and how often it is then. */
  private static final long DOUBT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final RingBytes bytes;
  private final boolean zeroes;
  private final Seat seat;
  private final Doorbell messages;
  private final Doorbell space;
  private final DeadClaims deadClaims;
  private final Thread thread = Thread.currentThread();
  private final BooleanSupplier again = this::again; // what a sleeping thread tries
  private long head;
  private long looked; // when there was nothing to read
  private boolean closed;

  private MessageHandler handler; // of the read that waits
  private int limit;
  private int read;

  /**
   * @param seat has been taken by this thread
   * @param zeroes whether the producers claim zeros
   */
  RingConsumer(
      RingBytes bytes,
      boolean zeroes,
      Seat seat,
      Doorbell messages,
      Doorbell space,
      DeadClaims deadClaims) {
    this.bytes = bytes;
    this.zeroes = zeroes;
    this.seat = seat;
    this.messages = messages;
    this.space = space;
    this.deadClaims = deadClaims;
    head = bytes.head();
    if (seat.progress() > head) {
      giveBack(seat.progress()); // what one who was killed had handled
    }
  }

  /**
   * Handles messages that are there, to the end of the buffer at most.
   *
   * @param handler must not keep the buffer, nor read here; what it throws comes out, and its message counts as handled
   * @param limit how many at most, 1 or more
   * @return how many
   */
  public int poll(MessageHandler handler, int limit) {
    Objects.requireNonNull(handler, "handler"); // before a message counts as handled
    checkUse(limit);
    int count;
    long from;
    do {
      from = head;
      count = handle(handler, limit);
    } while (count == 0 && (head != from || skipsDead()));
    return count;
  }

  private int handle(MessageHandler handler, int limit) {
    int count = 0;
    long position = head;
    long end = head + bytes.toEnd(head);
    try {
      while (position < end && count < limit) {
        int length = bytes.length(position);
        if (length <= 0) {
          break;
        }
        int index = bytes.index(position);
        int type = bytes.type(position);
        position = RingBytes.after(position, length);
        if (type != PADDING_MSG_TYPE_ID) {
          count++;
          handler.onMessage(
              type,
              bytes.buffer,
              index + RingBytes.LENGTH_AND_TYPE,
              length - RingBytes.LENGTH_AND_TYPE);
        }
        seat.setProgress(position);
      }
    } finally {
      if (position != head) {
        giveBack(position);
      }
    }
    return count;
  }

  /** Gives all before a position back to the producers, so that a death anywhere in it leaves no half of it. */
  private void giveBack(long position) {
    seat.setProgress(position);
    if (zeroes) {
      bytes.zero(head, position);
    }
    bytes.setHead(position);
    head = position;
    space.ring();
  }

  /** Whether there was a dead claim in the way, which is out of it now. To look costs the producers something. */
  private boolean skipsDead() {
    long now = System.nanoTime();
    if (now - looked < DOUBT_NANOS) {
      return false;
    }
    if (deadClaims.skip(head)) {
      return true;
    }
    looked = now;
    return false;
  }

  /**
   * Handles messages, sleeping until there is one; otherwise as {@link #poll}.
   *
   * @throws InterruptedException if it has to sleep, and this thread is interrupted before or meanwhile
   */
  public int read(MessageHandler handler, int limit) throws InterruptedException {
    return read(handler, limit, Deadline.NONE);
  }

  /**
   * As {@link #read(MessageHandler, int)}, for a time; one of 0 or less is one attempt.
   *
   * @return 0 if the time is over
   */
  public int read(MessageHandler handler, int limit, long timeout, TimeUnit unit)
      throws InterruptedException {
    return read(handler, limit, Deadline.after(timeout, unit));
  }

  /** While something is claimed it sleeps for a short time: who claimed it may have died, and will not ring. */
  private int read(MessageHandler handler, int limit, long deadline) throws InterruptedException {
    read = poll(handler, limit);
    if (read > 0) {
      return read;
    }
    this.handler = handler;
    this.limit = limit;
    try {
      long nanos = DOUBT_NANOS;
      while (!messages.await(
              again, Math.min(nanos, Deadline.remaining(deadline)), TimeUnit.NANOSECONDS)
          && !Deadline.hasPassed(deadline)) {
        nanos = bytes.tail() == head ? Long.MAX_VALUE : DOUBT_NANOS;
      }
      return read;
    } finally {
      this.handler = null;
    }
  }

  private boolean again() {
    read = poll(handler, limit);
    return read > 0;
  }

  private void checkUse(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit " + limit + ", expected at least 1");
    }
    checkThread();
  }

  private void checkThread() {
    if (Thread.currentThread() != thread || closed) {
      throw new IllegalStateException(
          closed
              ? "this reader is closed, expected an open one"
              : "found thread "
                  + Thread.currentThread().getName()
                  + ", expected "
                  + thread.getName()
                  + ", which asked to be the reader");
    }
  }

  /** Leaves the queue to the next reader. The second time does nothing. */
  @Override
  public void close() {
    if (!closed) {
      checkThread();
      closed = true;
      seat.leave();
    }
  }
}
