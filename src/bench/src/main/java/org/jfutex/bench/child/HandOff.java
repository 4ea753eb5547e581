// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jfutex.bench.child.WordsOperations.Pair;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedSemaphore;

/**
 * Threads of one JVM, each on a CPU, of which one pings and the others answer: by each of ours, and by its counterpart
 * in the JDK.
 */
final class HandOff implements Loop.Operation {
  /** In the memory, apart. */
  private static final int OTHER = 128;

  private final Pair ping;
  private final List<Thread> others;

  static void declare(Tasks tasks) {
    tasks.task(
        "hand-off FILE KIND CPU...",
        arguments ->
            Loop.ofTrips(
                new HandOff(arguments.text("KIND"), arguments.memory(), arguments.all("CPU"))));
  }

  /**
   * The ping is the thread that calls this.
   *
   * @param memory for what is shared; the JDK's are objects
   * @param cpus one for each thread, the ping's first
   */
  private HandOff(String kind, MappedMemory memory, List<String> cpus) throws Exception {
    ping = pair(kind, memory, cpus.size());
    // Of a doorbell each side keeps what it saw.
    Pair pong = "doorbell".equals(kind) ? DoorbellOperations.pong(memory, 0, false) : ping;
    CpuPin.pinCurrentThread(cpus.get(0));
    PinnedThreads threads = new PinnedThreads(cpus.subList(1, cpus.size()));
    others =
        Stream.generate(() -> threads.newThread(() -> answer(pong)))
            .limit(cpus.size() - 1)
            .toList();
    others.forEach(Thread::start);
  }

  private static void answer(Pair pong) {
    try {
      pong.pong();
    } catch (InterruptedException | BrokenBarrierException e) {
      // The task has ended.
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Some can be told so, and the others are interrupted. */
  @Override
  public void close() throws IOException {
    ping.close();
    others.forEach(Thread::interrupt);
    others.forEach(Threads::join);
  }

  @Override
  public long run(long times) throws Exception {
    return ping.run(times);
  }

  private static Pair pair(String kind, MappedMemory memory, int threads) {
    return switch (kind) {
      case "LockSupport" -> new ParkOperations();
      case "doorbell" -> DoorbellOperations.ping(memory, 0, false);
      case "Condition" -> ConditionOperations.reentrant();
      case "condition" -> ConditionOperations.shared(memory, 0);
      case "event" -> WordsOperations.eventsOfTwo(memory, 0);
      case "Semaphore" -> {
        Semaphore pings = new Semaphore(0);
        Semaphore pongs = new Semaphore(0);
        yield new Turns(pongs::release, pings::acquire, pongs::acquire, pings::release);
      }
      case "semaphore" -> {
        SharedSemaphore pings = SharedSemaphore.at(memory, 0, 0);
        SharedSemaphore pongs = SharedSemaphore.at(memory, OTHER, 0);
        yield new Turns(pongs::release, pings::acquire, pongs::acquire, pings::release);
      }
      case "CountDownLatch" -> {
        IntFunction<Latch> made =
            place -> {
              CountDownLatch latch = new CountDownLatch(1);
              return new Latch(latch::countDown, latch::await);
            };
        yield turns(new Latches(made, 0), new Latches(made, OTHER));
      }
      case "latch" -> {
        IntFunction<Latch> made =
            place -> {
              memory.buffer().putLong(place, 0);
              SharedLatch latch = SharedLatch.at(memory, place, 1);
              return new Latch(latch::countDown, latch::await);
            };
        yield turns(new Latches(made, 0), new Latches(made, OTHER));
      }
      case "CyclicBarrier" -> meetings(new CyclicBarrier(threads)::await);
      case "barrier" -> meetings(SharedBarrier.at(memory, 0, threads)::await);
      default -> throw new IllegalArgumentException("no such kind of hand-off: " + kind);
    };
  }

  private static Pair turns(Latches pings, Latches pongs) {
    return new Turns(pongs::open, pings::await, pongs::await, pings::open);
  }

  private static Pair meetings(Step meet) {
    return new Turns(() -> {}, meet, meet, () -> {});
  }

  private interface Step {
    void take() throws Exception;
  }

  private record Turns(Step wakePong, Step awaitPing, Step awaitPong, Step wakePing)
      implements Pair {
    /** A round trip. */
    @Override
    public long run(long times) throws Exception {
      for (long i = 0; i < times; i++) {
        wakePong.take();
        awaitPing.take();
      }
      return 0;
    }

    @Override
    public boolean answer() throws Exception {
      awaitPong.take();
      wakePing.take();
      return true;
    }
  }

  private record Latch(Step countDown, Step await) {}

  /** A latch opens once, so who opens one makes the next one first. */
  private static final class Latches {
    /** One is waited for and one is new; who opened the others has left them. */
    private static final int PLACES = 4;

    private final IntFunction<Latch> made;
    private final int offset;
    private final Latch[] latches = new Latch[PLACES];
    private int opened; // by the thread that opens
    private int awaited; // by the other one

    Latches(IntFunction<Latch> made, int offset) {
      this.made = made;
      this.offset = offset;
      make(0);
    }

    private void make(int number) {
      int place = number % PLACES;
      latches[place] = made.apply(offset + place * SharedLatch.BYTES);
    }

    void open() throws Exception {
      make(opened + 1);
      latches[opened++ % PLACES].countDown.take();
    }

    void await() throws Exception {
      latches[awaited++ % PLACES].await.take();
    }
  }
}
