// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedEvent;

/** Barriers and events: of one process, and of two that meet. {@code words-peer.c} does the same. */
final class WordsOperations {
  private static final int CACHE_LINE = 64;
  private static final int OTHER = CACHE_LINE;
  private static final int STOP = 2 * CACHE_LINE;

  private WordsOperations() {}

  static void declare(Tasks tasks) {
    tasks.task("barrier FILE", arguments -> Loop.ofLocks(barrier(arguments.memory())));
    tasks.task(
        "event-set-reset FILE", arguments -> Loop.ofLocks(eventSetReset(arguments.memory())));
    tasks.task("event-set-take FILE", arguments -> Loop.ofLocks(eventSetTake(arguments.memory())));
    tasks.task(
        "barrier-ping FILE OFFSET",
        arguments -> Loop.ofTrips(barrierOfTwo(arguments.memory(), arguments.offset())));
    tasks.pong(
        "barrier-pong FILE OFFSET",
        arguments -> barrierOfTwo(arguments.memory(), arguments.offset())::pong);
    tasks.task(
        "event-ping FILE OFFSET",
        arguments -> Loop.ofTrips(eventsOfTwo(arguments.memory(), arguments.offset())));
    tasks.pong(
        "event-pong FILE OFFSET",
        arguments -> eventsOfTwo(arguments.memory(), arguments.offset())::pong);
  }

  /** In each slice at another place, for the reason that {@link MutexOperations.Uncontended} has. */
  private abstract static class Spread<T> implements Loop.Operation {
    private static final int PLACES = 8;
    private static final int STRIDE = 7 * CACHE_LINE;

    private final List<T> all;
    T one;

    Spread(IntFunction<T> at) {
      all = IntStream.range(0, PLACES).mapToObj(i -> at.apply(i * STRIDE)).toList();
      one = all.get(0);
    }

    @Override
    public void beginSlice(int number) {
      one = all.get(number % PLACES);
    }
  }

  /** The only party of a barrier. */
  private static Loop.Operation barrier(MappedMemory memory) {
    return new Spread<>(at -> SharedBarrier.at(memory, at, 1)) {
      @Override
      public long run(long times) throws Exception {
        return meet(one, times);
      }
    };
  }

  private static long meet(SharedBarrier barrier, long times)
      throws InterruptedException, BrokenBarrierException {
    for (long i = 0; i < times; i++) {
      barrier.await();
    }
    return 0;
  }

  /** Nobody waits. */
  private static Loop.Operation eventSetReset(MappedMemory memory) {
    return new Spread<>(at -> SharedEvent.manualReset(memory, at)) {
      @Override
      public long run(long times) {
        SharedEvent event = one;
        for (long i = 0; i < times; i++) {
          event.set();
          event.reset();
        }
        return 0;
      }
    };
  }

  /** It is set when it is waited for. */
  private static Loop.Operation eventSetTake(MappedMemory memory) {
    return new Spread<>(at -> SharedEvent.autoReset(memory, at)) {
      @Override
      public long run(long times) {
        SharedEvent event = one;
        for (long i = 0; i < times; i++) {
          event.set();
          event.awaitUninterruptibly();
        }
        return 0;
      }
    };
  }

  /** One of two processes; the ping ends the pong. */
  interface Pair extends Loop.Operation {
    /** Returns false when the ping was closed. A method that never returns would stay as the JIT compiled it first. */
    boolean answer() throws Exception;

    /** Returns when the ping was closed. */
    default void pong() throws Exception {
      while (answer()) {
        // Again.
      }
    }
  }

  /** Two parties of a barrier. */
  private static Pair barrierOfTwo(MappedMemory memory, int offset) {
    SharedBarrier barrier = SharedBarrier.at(memory, offset, 2);
    ByteBuffer bytes = memory.buffer();
    return new Pair() {
      private int meetings;

      @Override
      public long run(long times) throws Exception {
        meetings += (int) times;
        return meet(barrier, times);
      }

      @Override
      public boolean answer() throws Exception {
        barrier.await();
        return bytes.getInt(offset + STOP) != ++meetings;
      }

      /** Says which is the last: the other one may still be on its way out of the one before. */
      @Override
      public void close() {
        bytes.putInt(offset + STOP, meetings + 1);
        try {
          barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** Each waits for an event that the other one sets. */
  static Pair eventsOfTwo(MappedMemory memory, int offset) {
    SharedEvent pings = SharedEvent.autoReset(memory, offset);
    SharedEvent pongs = SharedEvent.autoReset(memory, offset + OTHER);
    ByteBuffer bytes = memory.buffer();
    return new Pair() {
      @Override
      public long run(long times) {
        for (long i = 0; i < times; i++) {
          pongs.set();
          pings.awaitUninterruptibly();
        }
        return 0;
      }

      @Override
      public boolean answer() {
        pongs.awaitUninterruptibly();
        if (bytes.getInt(offset + STOP) != 0) {
          return false;
        }
        pings.set();
        return true;
      }

      @Override
      public void close() {
        bytes.putInt(offset + STOP, 1);
        pongs.set();
      }
    };
  }
}
