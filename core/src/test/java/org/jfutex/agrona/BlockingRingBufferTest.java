// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.SharedFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("adapters")
class BlockingRingBufferTest {
  private static final int CAPACITY = 1024;
  private static final int TYPE = 7;
  private static final FutexManager FUTEXES = FutexManager.system();

  private final SharedFolder folder = new SharedFolder();
  private final MappedMemory memory = RingKind.memory(folder.file("ring"), CAPACITY);

  /** What was read. */
  private final List<Long> seen = new ArrayList<>();

  private final MessageHandler handler =
      (type, buffer, index, length) -> {
        assertEquals(TYPE, type);
        assertEquals(Long.BYTES, length);
        seen.add(buffer.getLong(index));
      };

  @AfterEach
  void delete() {
    memory.close();
    folder.close();
  }

  private static UnsafeBuffer message(long content) {
    UnsafeBuffer message = new UnsafeBuffer(new byte[Long.BYTES]);
    message.putLong(0, content);
    return message;
  }

  private static boolean offer(RingProducer producer, long content) {
    return producer.offer(TYPE, message(content), 0, Long.BYTES);
  }

  /** A producer's loop, in a thread of its own. */
  private static Actor<Void> writer(BlockingRingBuffer queue, long from, long to) {
    return Actor.start(
        () -> {
          try (RingProducer producer = queue.producer()) {
            for (long i = from; i < to; i++) {
              producer.write(TYPE, message(i), 0, Long.BYTES);
            }
          }
          return null;
        });
  }

  @ParameterizedTest
  @EnumSource
  void messagesArriveInOrderThroughManyLaps(RingKind kind) throws InterruptedException {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    Actor<Void> writer = writer(queue, 0, 20_000);
    try (RingConsumer consumer = queue.consumer()) {
      while (seen.size() < 20_000) {
        assertTrue(consumer.read(handler, 10) > 0);
      }
      for (int i = 0; i < seen.size(); i++) {
        assertEquals(i, seen.get(i));
      }
      assertEquals(0, consumer.poll(handler, 1));
    }
    writer.result();
  }

  /** Records of all lengths in many laps, claimed or not, committed or aborted, in Agrona's format. */
  @ParameterizedTest
  @EnumSource
  void agronasOwnReaderReadsThem(RingKind kind) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    RingBuffer ring = queue.ringBuffer();
    Deque<Integer> written = new ArrayDeque<>(); // lengths
    UnsafeBuffer bytes = new UnsafeBuffer(new byte[ring.maxMsgLength()]);
    MessageHandler expects =
        (type, buffer, index, length) -> {
          assertEquals(written.poll(), length);
          assertEquals(length + 1, type);
          for (int i = 0; i < length; i++) {
            assertEquals((byte) (length + i), buffer.getByte(index + i));
          }
        };
    try (RingProducer producer = queue.producer()) {
      for (int round = 0; round < 20_000; round++) {
        int length = random.nextInt(bytes.capacity() + 1);
        for (int i = 0; i < length; i++) {
          bytes.putByte(i, (byte) (length + i));
        }
        boolean full;
        if (random.nextBoolean()) {
          full = !producer.offer(length + 1, bytes, 0, length);
        } else {
          int index = producer.tryClaim(length + 1, length);
          full = index == RingBuffer.INSUFFICIENT_CAPACITY;
          if (!full && random.nextInt(4) == 0) {
            producer.abort(index);
            continue;
          } else if (!full) {
            producer.buffer().putBytes(index, bytes, 0, length);
            producer.commit(index);
          }
        }
        if (!full) {
          written.add(length);
        }
        if (full || random.nextInt(8) == 0) {
          ring.read(expects, 1 + random.nextInt(8));
        }
      }
      while (ring.read(expects) > 0 || !written.isEmpty()) {
        assertTrue(ring.size() > 0 || written.isEmpty());
      }
      assertEquals(0, ring.size());
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutAHandlerNoMessageIsTaken(RingKind kind) {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      assertTrue(offer(producer, 7));
      assertThrows(NullPointerException.class, () -> consumer.poll(null, 1));
      assertEquals(1, consumer.poll(handler, 1));
      assertEquals(List.of(7L), seen);
    }
  }

  @Test
  void manyProducersLoseNothing() throws InterruptedException {
    BlockingRingBuffer queue = RingKind.MANY_TO_ONE.at(memory, CAPACITY);
    List<Actor<Void>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(writer(queue, i * 5000L, (i + 1) * 5000L));
    }
    long[] next = {0, 5000, 10_000, 15_000};
    try (RingConsumer consumer = queue.consumer()) {
      for (int count = 0; count < 20_000; ) {
        count +=
            consumer.read(
                (type, buffer, index, length) -> {
                  int writer = (int) (buffer.getLong(index) / 5000);
                  assertEquals(next[writer]++, buffer.getLong(index));
                },
                Integer.MAX_VALUE);
      }
    }
    writers.forEach(Actor::result);
  }

  @ParameterizedTest
  @EnumSource
  void theReaderSleepsUntilThereIsAMessage(RingKind kind) {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    Actor<Integer> reader =
        Actor.start(
            () -> {
              try (RingConsumer consumer = queue.consumer()) {
                return consumer.read(handler, 10);
              }
            });
    reader.awaitBlocked(FUTEXES);
    try (RingProducer producer = queue.producer()) {
      assertTrue(offer(producer, 42));
      assertEquals(1, reader.result());
    }
    assertEquals(List.of(42L), seen);
  }

  @ParameterizedTest
  @EnumSource
  void aProducerSleepsWhileItIsFull(RingKind kind) throws InterruptedException {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    long count = 0;
    try (RingProducer producer = queue.producer()) {
      while (offer(producer, count)) {
        count++;
      }
      assertFalse(producer.write(TYPE, message(count), 0, Long.BYTES, 1, TimeUnit.MILLISECONDS));
      assertEquals(
          RingBuffer.INSUFFICIENT_CAPACITY, producer.claim(TYPE, 8, 1, TimeUnit.MILLISECONDS));
    }
    Actor<Void> writer = writer(queue, count, count + 1);
    writer.awaitBlocked(FUTEXES);
    try (RingConsumer consumer = queue.consumer()) {
      for (long i = 0; i <= count; i++) {
        assertEquals(1, consumer.read(handler, 1));
        assertEquals(i, seen.get((int) i));
      }
    }
    writer.result();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsClaimedIsReadWhenItIsCommitted(RingKind kind) throws InterruptedException {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      int index = producer.tryClaim(TYPE, Long.BYTES);
      producer.buffer().putLong(index, 1);
      assertSays("to be committed or aborted first", () -> offer(producer, 2));
      assertEquals(0, consumer.read(handler, 1, 50, TimeUnit.MILLISECONDS));
      producer.commit(index);
      assertSays("nothing is claimed", () -> producer.commit(index));
      assertEquals(1, consumer.poll(handler, 1));
      producer.abort(producer.claim(TYPE, Long.BYTES));
      assertTrue(offer(producer, 3));
      assertEquals(1, consumer.read(handler, 1));
      assertEquals(List.of(1L, 3L), seen);
      producer.tryClaim(TYPE, Long.BYTES);
    }
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      assertTrue(offer(producer, 4));
      assertEquals(1, consumer.read(handler, 1));
    }
  }

  /** The distance to a head that was noted 3 GiB ago is negative in 32 bits, and looks like room. */
  @ParameterizedTest
  @EnumSource
  void aHeadThatWasNotedLongAgoMakesNoRoom(RingKind kind) {
    long head = 3L << 30;
    UnsafeBuffer bytes = BlockingRingBuffer.bufferOf(memory, 0, CAPACITY);
    bytes.putLong(CAPACITY + RingBufferDescriptor.HEAD_CACHE_POSITION_OFFSET, 0);
    bytes.putLong(CAPACITY + RingBufferDescriptor.HEAD_POSITION_OFFSET, head);
    bytes.putLong(CAPACITY + RingBufferDescriptor.TAIL_POSITION_OFFSET, head + CAPACITY);
    try (RingProducer producer = kind.at(memory, CAPACITY).producer()) {
      assertFalse(offer(producer, 1));
      bytes.putLong(CAPACITY + RingBufferDescriptor.TAIL_POSITION_OFFSET, head);
      assertTrue(offer(producer, 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageThatIsNoneClaimsNothing(RingKind kind) {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    int most = queue.ringBuffer().maxMsgLength();
    UnsafeBuffer large = new UnsafeBuffer(new byte[most + 1]);
    try (RingProducer producer = queue.producer()) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> producer.offer(TYPE, message(1), 4, Long.BYTES));
      assertThrows(NullPointerException.class, () -> producer.offer(TYPE, null, 0, 0));
      for (int length : new int[] {-1, most + 1, Integer.MAX_VALUE}) {
        String found = "message of " + length + " bytes, expected 0 to " + most;
        assertRefuses(found, () -> producer.offer(TYPE, large, 0, length));
        assertRefuses(found, () -> producer.tryClaim(TYPE, length));
      }
      for (int type : new int[] {0, -1}) {
        String found = "message type " + type + ", expected at least 1";
        assertRefuses(found, () -> producer.offer(type, large, 0, 1));
        assertRefuses(found, () -> producer.tryClaim(type, 1));
      }
      assertEquals(0, queue.ringBuffer().size());
      assertTrue(producer.offer(TYPE, large, 0, most));
    }
  }

  private static void assertRefuses(String found, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(found), message);
  }

  /** Such as one into a file that was truncated. What it left is read over, or it is there in full. */
  @ParameterizedTest
  @EnumSource
  void aWriteThatThrowsAnywhereIsSkipped(RingKind kind) throws InterruptedException {
    SteppedBuffer stepped = new SteppedBuffer(BlockingRingBuffer.bufferOf(memory, 0, CAPACITY));
    BlockingRingBuffer queue = kind.at(memory, CAPACITY, stepped.ring(CAPACITY));
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      int step = 0;
      boolean threw;
      do {
        stepped.arm(
            ++step,
            () -> {
              throw new IllegalStateException("a step");
            });
        threw = throwsAtAStep(producer);
        stepped.arm(0, () -> {}); // at none
        assertTrue(offer(producer, 2));
        seen.clear();
        while (!seen.contains(2L)) {
          consumer.read(handler, 1);
        }
        assertTrue(seen.equals(List.of(2L)) || seen.equals(List.of(1L, 2L)), seen::toString);
      } while (threw);
      assertTrue(step > 8, step + " steps, too few to be all");
    }
  }

  private static boolean throwsAtAStep(RingProducer producer) {
    try {
      offer(producer, 1);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /** Else what it claimed would count as being written, and everybody would wait behind it. */
  @Test
  void aProducerWhoseRepairThrowsIsNotWriting() {
    DeadClaims unrepairable =
        new DeadClaims(null) {
          @Override
          boolean skip(long head) {
            return false;
          }

          @Override
          void repair() {
            throw new IllegalStateException("unrepairable");
          }
        };
    MappedMemory own = MappedMemory.wrap(ByteBuffer.allocateDirect(2 * Seat.BYTES));
    Seat seat = new Seat(own, 0);
    assertTrue(seat.tryTake(() -> {}));
    SteppedBuffer stepped = new SteppedBuffer(BlockingRingBuffer.bufferOf(memory, 0, CAPACITY));
    Bell bell = Bell.at(own, Seat.BYTES);
    RingProducer producer =
        new RingProducer(
            new ManyToOneWriter(stepped.ring(CAPACITY), Long.BYTES, unrepairable, seat),
            seat,
            bell,
            bell.doorbell());
    for (int i = 0; i < 2; i++) {
      stepped.arm(
          5,
          () -> {
            throw new IllegalArgumentException("a step");
          });
      assertThrows(IllegalStateException.class, () -> offer(producer, 1));
      assertFalse(Census.isWriting(seat.progress()));
    }
  }

  @Test
  void aMessageWhoseHandlerThrowsIsHandled() {
    BlockingRingBuffer queue = RingKind.MANY_TO_ONE.at(memory, CAPACITY);
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      offer(producer, 1);
      offer(producer, 2);
      assertThrows(
          ArithmeticException.class,
          () ->
              consumer.poll(
                  (type, buffer, index, length) -> {
                    throw new ArithmeticException();
                  },
                  2));
      assertEquals(1, consumer.poll(handler, 2));
      assertEquals(List.of(2L), seen);
    }
  }

  @ParameterizedTest
  @EnumSource
  void allAgreeOnKindAndCapacity(RingKind kind) {
    kind.at(memory, CAPACITY);
    assertSays("found capacity 1024", () -> kind.at(memory, CAPACITY / 2));
    assertSays("found kind", () -> kind.other().at(memory, CAPACITY));
    assertSays("capacity 1000, expected a power of 2", () -> kind.at(memory, 1000));
    assertSays("expected more bytes, for it takes", () -> kind.at(memory, 4 * CAPACITY));
  }

  @ParameterizedTest
  @EnumSource
  void thereIsOneReaderAndNoMoreProducersThanSeats(RingKind kind) {
    BlockingRingBuffer queue = kind.at(memory, CAPACITY);
    List<RingProducer> producers = new ArrayList<>();
    for (int i = 0; i < kind.producersMax(); i++) {
      producers.add(queue.producer());
    }
    assertSays("no seat for one more producer", queue::producer);
    producers.forEach(RingProducer::close);
    producers.forEach(RingProducer::close);
    queue.producer().close();
    assertSays("this producer is closed", () -> offer(producers.get(0), 1));
    RingConsumer consumer = queue.consumer();
    assertSays("found a reader of ring buffer of 1024 bytes", queue::consumer);
    consumer.close();
    consumer.close();
    queue.consumer().close();
    assertSays("this reader is closed", () -> consumer.poll(handler, 1));
  }

  @Test
  void eachBelongsToItsThread() {
    BlockingRingBuffer queue = RingKind.MANY_TO_ONE.at(memory, CAPACITY);
    try (RingProducer producer = queue.producer();
        RingConsumer consumer = queue.consumer()) {
      assertInstanceOf(
          IllegalStateException.class, Actor.start(() -> offer(producer, 1)).failure());
      assertInstanceOf(
          IllegalStateException.class, Actor.start(() -> consumer.poll(handler, 1)).failure());
    }
  }

  @Test
  void anInterruptEndsTheSleepOfBoth() {
    BlockingRingBuffer queue = RingKind.MANY_TO_ONE.at(memory, CAPACITY);
    Actor<Integer> reader = Actor.start(() -> queue.consumer().read(handler, 1));
    reader.awaitBlocked(FUTEXES);
    reader.thread().interrupt();
    assertInstanceOf(InterruptedException.class, reader.failure());
    Actor<Void> writer = writer(queue, 0, 1000);
    writer.awaitBlocked(FUTEXES);
    writer.thread().interrupt();
    assertInstanceOf(InterruptedException.class, writer.failure());
  }

  @Test
  void aCloseEndsTheSleepOfBoth() {
    BlockingRingBuffer queue = RingKind.MANY_TO_ONE.at(memory, CAPACITY);
    Actor<Integer> reader = Actor.start(() -> queue.consumer().read(handler, 1));
    reader.awaitBlocked(FUTEXES);
    memory.close();
    assertInstanceOf(ClosedMemoryException.class, reader.failure());
  }

  private static void assertSays(String text, org.junit.jupiter.api.function.Executable call) {
    RuntimeException thrown = assertThrows(RuntimeException.class, call);
    assertTrue(thrown.getMessage().contains(text), thrown::toString);
  }
}
