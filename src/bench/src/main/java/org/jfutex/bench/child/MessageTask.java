// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import net.openhft.chronicle.queue.ChronicleQueue;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/**
 * How long a message is on its way to a consumer in another process, which waits for it in its own way: one message
 * at a time, the next one a gap after the last has arrived. Between slices the consumer rests, for then the other side
 * of the comparison has its turn.
 *
 * <pre>
 *     0  turn     u32  whether the consumer is on, rests, or ends
 *    64  arrived  u32  messages, ever
 *   128  nanos    i64  that the last one took
 * </pre>
 */
final class MessageTask implements Task {
  /** What this takes of the memory; the link's is behind it. */
  private static final int BYTES = 256;

  private static final int ARRIVED = 64;
  private static final int NANOS = 128;

  private static final int REST = 0;
  private static final int ON = 1;
  private static final int END = 2;

  /** A message that only wakes who waits for one, and is not counted. */
  private static final long NUDGE = 0;

  /** Of each sort, so that to sleep and to be woken is compiled, too. */
  private static final int WARM_UP_SLICES = 3;

  private static final long WARM_UP_MILLIS = 200;
  private static final long WARM_UP_GAP_NANOS = 50_000;
  private static final long NAP_NANOS = 50_000;

  private static final FutexManager FUTEXES = FutexManager.system();

  private final Post post;
  private final Link.Sender sender;
  private long gapNanos; // on average; 0 for none
  private final SplittableRandom random = new SplittableRandom(1);

  static void declare(Tasks tasks) {
    declare(tasks, "ring", MessageTask::ring);
    declare(tasks, "chronicle", MessageTask::queue);
  }

  private static void declare(Tasks tasks, String name, Tasks.Maker<Link> link) {
    tasks.task(
        name + "-ping FILE OFFSET WAIT GAP_NANOS",
        arguments -> new MessageTask(arguments, link.make(arguments)));
    tasks.pong(
        name + "-pong FILE OFFSET WAIT",
        arguments -> new Consumer(arguments, link.make(arguments))::run);
  }

  private static Link ring(Arguments arguments) throws IOException {
    return RingLink.of(arguments.text("WAIT"), arguments.memory(), arguments.offset() + BYTES);
  }

  private static Link queue(Arguments arguments) throws IOException {
    String path = arguments.file() + ".queue-" + arguments.offset();
    return QueueLink.of(
        arguments.text("WAIT"),
        arguments.opened(ChronicleQueue.single(path)),
        Doorbell.at(arguments.memory(), arguments.offset() + BYTES));
  }

  /** What both sides see. */
  private record Post(FutexWord turn, FutexWord arrived, ByteBuffer bytes, int nanos) {
    static Post at(Arguments arguments) throws IOException {
      MappedMemory memory = arguments.memory();
      int offset = arguments.offset();
      return new Post(
          memory.word(offset), memory.word(offset + ARRIVED), memory.buffer(), offset + NANOS);
    }
  }

  /** The producer. */
  private MessageTask(Arguments arguments, Link link) throws Exception {
    post = Post.at(arguments);
    sender = link.sender();
    warmUp(0);
    warmUp(WARM_UP_GAP_NANOS);
    gapNanos = arguments.number("GAP_NANOS");
  }

  private void warmUp(long gap) {
    gapNanos = gap;
    for (int i = 0; i < WARM_UP_SLICES; i++) {
      slice(WarmUp.of(WARM_UP_MILLIS));
    }
  }

  /** The value is the median. */
  @Override
  public Slice slice(long millis) {
    give(ON);
    exchange(); // it came from its rest, not from its way of waiting
    Latencies latencies = new Latencies();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    do {
      rest();
      latencies.add(exchange());
    } while (System.nanoTime() - end < 0);
    give(REST);
    return latencies.slice();
  }

  /** Returns the time that the message took. */
  private long exchange() {
    int before = post.arrived.getVolatile();
    sender.send(System.nanoTime());
    while (post.arrived.getVolatile() == before) {
      if (gapNanos == 0) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(NAP_NANOS);
      }
    }
    return post.bytes.getLong(post.nanos);
  }

  /** Never in step with who looks now and then. */
  private void rest() {
    if (gapNanos > 0) {
      LockSupport.parkNanos(gapNanos / 2 + random.nextLong(gapNanos));
    }
  }

  private void give(int now) {
    post.turn.setVolatile(now);
    FUTEXES.wake(post.turn, FutexManager.ALL);
    if (now != ON) {
      sender.send(NUDGE);
    }
  }

  /** Ends the consumer. */
  @Override
  public void close() {
    give(END);
  }

  /** The consumer; returns when the producer is closed. */
  private static final class Consumer {
    private final Post post;
    private final Link.Receiver receiver;

    Consumer(Arguments arguments, Link link) throws Exception {
      post = Post.at(arguments);
      receiver = link.receiver(this::arrive);
    }

    private void arrive(long sent) {
      if (sent != NUDGE) {
        post.bytes.putLong(post.nanos, System.nanoTime() - sent);
        post.arrived.setRelease(post.arrived.getVolatile() + 1);
      }
    }

    void run() throws Exception {
      while (post.turn.getVolatile() != END) {
        FUTEXES.wait(post.turn, REST);
        receive();
      }
    }

    /** A method that never returns would stay as the JIT compiled it first. */
    private void receive() throws Exception {
      while (post.turn.getVolatile() == ON) {
        receiver.next();
      }
    }
  }
}
