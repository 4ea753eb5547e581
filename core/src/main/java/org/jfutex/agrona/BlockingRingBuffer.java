// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jfutex.futex.Deadline;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.JvmFlags;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;
import org.jfutex.sync.Doorbell;
import org.jfutex.sync.MutexOwner;

/**
 * One of Agrona's ring buffers in mapped memory, between processes that may be killed or paused: its reader sleeps
 * while it is empty, its producers while it is full. While nobody sleeps, that costs a message one read; and, where
 * there can be several producers, two stores.
 *
 * <pre>
 *      0  capacity     u32  of the ring buffer, in bytes; written once, by who comes first
 *      4  kind         u32  1 one producer, 2 several; the same
 *    128  messages     the {@link Doorbell} that a producer rings
 *    256  space        the doorbell that the reader rings
 *    384  reader       its seat; progress: the position up to which messages were handled
 *    512  producers    128 seats, 128 bytes apart; progress: of several, odd in the middle of a write
 *  16896  ring buffer  Agrona's: the capacity, and its trailer
 * </pre>
 *
 * <p>A message is acknowledged when the write of it returns. An acknowledged message is never lost, and none is handled
 * twice, whoever dies: but for the one that the reader was handling when it was killed, which the next reader gets
 * again. A dead producer's unfinished message is skipped, within the healing period; a paused producer's is waited for.
 *
 * <p>All zeros are an empty one. Memory: what happens before a write happens before its message is handled. Everybody
 * writes through a {@link RingProducer}: a write through Agrona's own object would be taken for a dead one's.
 */
public final class BlockingRingBuffer extends Slot {
  /** How many producers there can be at once, if there can be several. */
  public static final int PRODUCERS_MAX = 128;

  /** The largest capacity, in bytes. */
  public static final int CAPACITY_MAX = 1 << 30;

  private static final int CAPACITY_MIN = 64;

  private static final int CAPACITY = 0;
  private static final int KIND = 4;
  private static final int LINES = 128; // two cache lines, since they are fetched in pairs
  private static final int MESSAGES = LINES;
  private static final int SPACE = MESSAGES + LINES;
  private static final int READER = SPACE + LINES;
  private static final int PRODUCERS = READER + LINES;
  private static final int RING = PRODUCERS + PRODUCERS_MAX * LINES;

  private static final int ALL_BITS = -1;
  private static final int ONE_TO_ONE = 1;
  private static final int MANY_TO_ONE = 2;

  /** For a seat whose owner is about to leave it, or to be buried: a core dump takes its time. */
  private static final long PATIENCE_SECONDS = 1;

  private final FutexWord start;
  private final RingBuffer ring;
  private final RingBytes bytes;
  private final Bell messages;
  private final Doorbell space;
  private final Seat reader;
  private final Seat[] producers;
  private final DeadClaims deadClaims;

  private BlockingRingBuffer(
      MappedMemory memory, long offset, int capacity, int kind, RingBytes bytes) {
    super(memory, offset, (int) bytes(capacity));
    start = memory.word(offset);
    agree(CAPACITY, ALL_BITS, capacity, "capacity");
    agree(KIND, ALL_BITS, kind, "kind (1 one producer, 2 several)");
    ring =
        kind == ONE_TO_ONE
            ? new OneToOneRingBuffer(bytes.buffer)
            : new ManyToOneRingBuffer(bytes.buffer);
    this.bytes = bytes;
    messages = Bell.at(memory, offset + MESSAGES);
    space = Doorbell.at(memory, offset + SPACE);
    reader = new Seat(memory, offset + READER);
    producers = new Seat[kind == ONE_TO_ONE ? 1 : PRODUCERS_MAX];
    for (int i = 0; i < producers.length; i++) {
      producers[i] = new Seat(memory, offset + PRODUCERS + (long) i * LINES);
    }
    deadClaims =
        kind == ONE_TO_ONE
            ? new OneToOneDeadClaims(bytes, producers[0])
            : new ManyToOneDeadClaims(bytes, new Census(producers));
  }

  /**
   * What one of a capacity takes of the memory, in bytes.
   *
   * @param capacity in bytes, a power of 2 from 64 to {@link #CAPACITY_MAX}; a message takes 8 more than its length,
   *     rounded up to a multiple of 8, and is no longer than an eighth of the capacity
   */
  public static long bytes(int capacity) {
    if (capacity < CAPACITY_MIN || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException(
          "capacity "
              + capacity
              + ", expected a power of 2 from "
              + CAPACITY_MIN
              + " to "
              + CAPACITY_MAX);
    }
    return RING + (long) capacity + RingBufferDescriptor.TRAILER_LENGTH;
  }

  /**
   * The one with one producer at an offset; Agrona's {@link OneToOneRingBuffer}.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8, and of 128 for the best
   * @param capacity as {@link #bytes} says, for all who open it the same
   * @throws IllegalArgumentException if there is no room, or something else
   * @throws UnsupportedOperationException if the JVM was not started with the flags that Agrona needs
   */
  public static BlockingRingBuffer oneToOne(MappedMemory memory, long offset, int capacity) {
    return oneToOne(memory, offset, capacity, bytesOf(memory, offset, capacity));
  }

  /** As {@link #oneToOne}, with up to {@link #PRODUCERS_MAX} producers; Agrona's {@link ManyToOneRingBuffer}. */
  public static BlockingRingBuffer manyToOne(MappedMemory memory, long offset, int capacity) {
    return manyToOne(memory, offset, capacity, bytesOf(memory, offset, capacity));
  }

  /** For tests, which stop at accesses of the bytes. */
  static BlockingRingBuffer oneToOne(
      MappedMemory memory, long offset, int capacity, RingBytes bytes) {
    return new BlockingRingBuffer(memory, offset, capacity, ONE_TO_ONE, bytes);
  }

  /** For tests, which stop at accesses of the bytes. */
  static BlockingRingBuffer manyToOne(
      MappedMemory memory, long offset, int capacity, RingBytes bytes) {
    return new BlockingRingBuffer(memory, offset, capacity, MANY_TO_ONE, bytes);
  }

  private static RingBytes bytesOf(MappedMemory memory, long offset, int capacity) {
    return new RingBytes(bufferOf(memory, offset, capacity), capacity);
  }

  /** Where Agrona's ring buffer lies. */
  static UnsafeBuffer bufferOf(MappedMemory memory, long offset, int capacity) {
    int start = memory.checkSlot(offset, (int) bytes(capacity));
    try {
      return new UnsafeBuffer(
          memory.buffer(), start + RING, capacity + RingBufferDescriptor.TRAILER_LENGTH);
    } catch (LinkageError e) {
      throw JvmFlags.missing("Agrona", BlockingRingBuffer.class, e);
    }
  }

  /**
   * Takes part as a producer, until it is closed or its thread ends. Waits a moment for one who leaves.
   *
   * @return one for the calling thread alone, which is a platform thread
   * @throws IllegalStateException if there are as many as there can be
   */
  public RingProducer producer() {
    Seat seat = freeSeat();
    RingWriter records =
        producers.length == 1
            ? new OneToOneWriter(bytes, ring.maxMsgLength(), deadClaims)
            : new ManyToOneWriter(bytes, ring.maxMsgLength(), deadClaims, seat);
    return new RingProducer(records, seat, messages, space);
  }

  private Seat freeSeat() {
    long deadline = Deadline.after(PATIENCE_SECONDS, TimeUnit.SECONDS);
    for (Seat seat : producers) {
      if (seat.tryTake(deadClaims::repair)) {
        return seat;
      }
    }
    if (!producers[0].take(deadline, deadClaims::repair)) {
      throw new IllegalStateException(
          "no seat for one more producer of "
              + this
              + ", expected one of "
              + producers.length
              + "; the first is taken by "
              + owner(producers[0]));
    }
    return producers[0];
  }

  /**
   * Takes part as the reader, until it is closed or its thread ends. Waits a moment for one who leaves; after one who
   * was killed it goes on where that one was.
   *
   * @return one for the calling thread alone, which is a platform thread
   * @throws IllegalStateException if there is a reader
   */
  public RingConsumer consumer() {
    if (!reader.take(Deadline.after(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> {})) {
      throw new IllegalStateException(
          "found a reader of " + this + ", expected none: " + owner(reader));
    }
    return new RingConsumer(
        bytes, producers.length > 1, reader, messages.doorbell(), space, deadClaims);
  }

  private static String owner(Seat seat) {
    return seat.owner().map(MutexOwner::toString).orElse("nobody any more, try again");
  }

  /** Agrona's own object: for positions, sizes and limits. Not to write with, nor to read. */
  public RingBuffer ringBuffer() {
    return ring;
  }

  /** What a producer rings, for a {@link FutexIdleStrategy} of the reader. */
  public Doorbell messages() {
    return messages.doorbell();
  }

  /** What the reader rings, for producers that have a loop of their own. */
  public Doorbell space() {
    return space;
  }

  @Override
  public String toString() {
    return "ring buffer of "
        + ring.capacity()
        + " bytes at offset "
        + start.offset()
        + " of "
        + start.memory();
  }
}
