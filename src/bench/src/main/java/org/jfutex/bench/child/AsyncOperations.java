// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jfutex.bench.child.WordsOperations.Pair;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedSemaphore;
import org.jfutex.sync.WaitChannel;

/**
 * A server that is asked through any of several places, and answers through one: a thread that blocks for all of them,
 * or one future for each. Who asks blocks for the answer.
 *
 * <pre>
 *     0  stop    u32  whether the server is to end
 *    64  answer
 *   128  places       each on a cache line of its own
 * </pre>
 */
final class AsyncOperations {
  private static final int ANSWER = 64;
  private static final int PLACES = 128;
  private static final int STRIDE = 64;

  private AsyncOperations() {}

  static void declare(Tasks tasks) {
    tasks.task("served-ping FILE OFFSET KIND PLACES", arguments -> Loop.ofTrips(of(arguments)));
    tasks.pong("served-block-pong FILE OFFSET KIND PLACES", arguments -> of(arguments)::pong);
    tasks.pong("served-future-pong FILE OFFSET KIND PLACES", arguments -> of(arguments)::serve);
    tasks.pong("served-channel-pong FILE OFFSET KIND PLACES", arguments -> of(arguments)::select);
  }

  private static Served of(Arguments arguments) throws IOException {
    MappedMemory memory = arguments.memory();
    int offset = arguments.offset();
    int places = arguments.number("PLACES");
    String kind = arguments.text("KIND");
    return switch (kind) {
      case "event" -> new Events(memory, offset, places);
      case "semaphore" -> new Semaphores(memory, offset);
      case "word" -> new Words(memory, offset);
      default -> throw new IllegalArgumentException("no such kind of place: " + kind);
    };
  }

  /**
   * Answers what comes through a channel that a selector waits for.
   *
   * @param answer returns false at the end
   */
  static void select(SelectableChannel channel, Callable<Boolean> answer) throws Exception {
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      do {
        selector.select();
        selector.selectedKeys().clear();
      } while (answer.call());
    }
  }

  /** Both sides of it. */
  private abstract static class Served implements Pair {
    private final int places;
    private final ByteBuffer bytes;
    private final int stop;
    private int turn;

    Served(MappedMemory memory, int offset, int places) {
      this.places = places;
      bytes = memory.buffer();
      stop = offset;
    }

    abstract void ask(int place);

    abstract void awaitAnswer() throws InterruptedException;

    /** Blocks until it is asked through any. */
    abstract void awaitAny() throws InterruptedException;

    /** What is completed when it is asked through that. */
    abstract CompletableFuture<?> awaitAsync(int place);

    abstract void respond();

    /** A round trip, through each place in turn. */
    @Override
    public final long run(long times) throws InterruptedException {
      for (long i = 0; i < times; i++) {
        ask(turn);
        turn = (turn + 1) % places;
        awaitAnswer();
      }
      return 0;
    }

    /** Blocking. */
    @Override
    public final boolean answer() throws InterruptedException {
      awaitAny();
      return goesOn();
    }

    private boolean goesOn() {
      if (bytes.getInt(stop) != 0) {
        return false;
      }
      respond();
      return true;
    }

    /** By a channel, among those of a selector; returns when the one who asks is closed. */
    final void select() throws Exception {
      try (WaitChannel asked = WaitChannel.open(() -> awaitAsync(0))) {
        AsyncOperations.select(asked.channel(), () -> !asked.poll() || goesOn());
      }
    }

    /** By futures; returns when the one who asks is closed. */
    final void serve() throws InterruptedException {
      CountDownLatch stopped = new CountDownLatch(1);
      IntStream.range(0, places).forEach(place -> serve(place, stopped));
      stopped.await();
    }

    /** Waits again before it answers: nobody asks until then, so the wait is one, and no recursion. */
    private void serve(int place, CountDownLatch stopped) {
      awaitAsync(place)
          .thenRun(
              () -> {
                if (bytes.getInt(stop) != 0) {
                  stopped.countDown();
                } else {
                  serve(place, stopped);
                  respond();
                }
              });
    }

    @Override
    public final void close() {
      bytes.putInt(stop, 1);
      ask(0);
    }
  }

  private static final class Events extends Served {
    private final SharedEvent answer;
    private final SharedEvent[] all;

    Events(MappedMemory memory, int offset, int places) {
      super(memory, offset, places);
      answer = SharedEvent.autoReset(memory, offset + ANSWER);
      all =
          IntStream.range(0, places)
              .mapToObj(i -> SharedEvent.autoReset(memory, offset + PLACES + i * STRIDE))
              .toArray(SharedEvent[]::new);
    }

    @Override
    void ask(int place) {
      all[place].set();
    }

    @Override
    void awaitAnswer() throws InterruptedException {
      answer.await();
    }

    @Override
    void awaitAny() throws InterruptedException {
      SharedEvent.awaitAny(all);
    }

    @Override
    CompletableFuture<?> awaitAsync(int place) {
      return all[place].awaitAsync(Runnable::run);
    }

    @Override
    void respond() {
      answer.set();
    }
  }

  private static final class Semaphores extends Served {
    private final SharedSemaphore answer;
    private final SharedSemaphore asked;

    Semaphores(MappedMemory memory, int offset) {
      super(memory, offset, 1);
      answer = SharedSemaphore.at(memory, offset + ANSWER, 0);
      asked = SharedSemaphore.at(memory, offset + PLACES, 0);
    }

    @Override
    void ask(int place) {
      asked.release();
    }

    @Override
    void awaitAnswer() throws InterruptedException {
      answer.acquire();
    }

    @Override
    void awaitAny() throws InterruptedException {
      asked.acquire();
    }

    @Override
    CompletableFuture<?> awaitAsync(int place) {
      return asked.acquireAsync(Runnable::run);
    }

    @Override
    void respond() {
      answer.release();
    }
  }

  /** Each side counts on, in a word. */
  private static final class Words extends Served {
    private static final FutexManager FUTEXES = FutexManager.system();

    private final FutexWord answer;
    private final FutexWord asked;
    private int questions; // that were seen; by one thread at a time
    private int answers; // that were seen

    Words(MappedMemory memory, int offset) {
      super(memory, offset, 1);
      answer = memory.word(offset + ANSWER);
      asked = memory.word(offset + PLACES);
    }

    @Override
    void ask(int place) {
      count(asked);
    }

    @Override
    void awaitAnswer() {
      await(answer, answers++);
    }

    @Override
    void awaitAny() {
      await(asked, questions++);
    }

    /** The wake of a question that was seen before it came is none. */
    @Override
    CompletableFuture<?> awaitAsync(int place) {
      int seen = questions;
      return FUTEXES.waitAsync(asked, seen, Runnable::run).thenCompose(woken -> next(seen, place));
    }

    private CompletableFuture<?> next(int seen, int place) {
      if (asked.getVolatile() == seen) {
        return awaitAsync(place);
      }
      questions = seen + 1;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    void respond() {
      count(answer);
    }

    private static void count(FutexWord word) {
      word.getAndAdd(1);
      FUTEXES.wake(word, 1);
    }

    private static void await(FutexWord word, int seen) {
      while (word.getVolatile() == seen) {
        FUTEXES.wait(word, seen);
      }
    }
  }
}
