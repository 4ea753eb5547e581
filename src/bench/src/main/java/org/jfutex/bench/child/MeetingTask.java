// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * One of several processes that meet again and again, at a barrier or by a condition that the last one signals to all;
 * {@code words-peer.c} does the same. All do as many: the first of them says before the last meeting of a batch whether
 * it is the last one of all.
 *
 * <pre>
 *     0  barrier or mutex
 *    64  condition
 *   128  arrived  u32  at gatherings between slices, ever
 *   192  came     u32  processes
 *   256  last     u32  whether the slice is over
 *   320  here     u32  of a meeting by the condition, under the mutex
 *   324  meeting  u32  its number
 * </pre>
 */
final class MeetingTask implements Task {
  private static final int CONDITION = 64;
  private static final int ARRIVED = 128;
  private static final int CAME = 192;
  private static final int LAST = 256;
  private static final int HERE = 320;
  private static final int MEETING = 324;

  private static final int BATCH = 8;

  private interface Meeting {
    void await() throws Exception;
  }

  private final Meeting meeting;
  private final Gathering gathering;
  private final FutexWord last;
  private final boolean isFirst;

  /**
   * @param arguments FILE, OFFSET and PROCESSES among them
   */
  private MeetingTask(Arguments arguments, Meeting meeting) throws Exception {
    this.meeting = meeting;
    MappedMemory memory = arguments.memory();
    gathering =
        new Gathering(memory.word(arguments.offset() + ARRIVED), arguments.number("PROCESSES"));
    last = memory.word(arguments.offset() + LAST);
    isFirst = memory.word(arguments.offset() + CAME).getAndAdd(1) == 0;
    gathering.warmUp(this);
  }

  static void declare(Tasks tasks) {
    tasks.task(
        "barrier-meeting FILE OFFSET PROCESSES",
        arguments -> new MeetingTask(arguments, atBarrier(arguments)));
    tasks.task(
        "condition-meeting FILE OFFSET PROCESSES",
        arguments -> new MeetingTask(arguments, byCondition(arguments)));
  }

  private static Meeting atBarrier(Arguments arguments) throws IOException {
    return SharedBarrier.at(arguments.memory(), arguments.offset(), arguments.number("PROCESSES"))
        ::await;
  }

  private static Meeting byCondition(Arguments arguments) throws IOException {
    MappedMemory memory = arguments.memory();
    ByteBuffer bytes = memory.buffer();
    int offset = arguments.offset();
    int processes = arguments.number("PROCESSES");
    SharedMutex mutex = SharedMutex.at(memory, offset);
    SharedCondition condition = SharedCondition.at(memory, offset + CONDITION, mutex);
    return () -> {
      mutex.lock();
      try {
        int number = bytes.getInt(offset + MEETING);
        int here = bytes.getInt(offset + HERE) + 1;
        bytes.putInt(offset + HERE, here % processes);
        if (here == processes) {
          bytes.putInt(offset + MEETING, number + 1);
          condition.signalAll();
        }
        while (bytes.getInt(offset + MEETING) == number) {
          condition.awaitUninterruptibly();
        }
      } finally {
        mutex.unlock();
      }
    };
  }

  /** The value is nanoseconds for a meeting. */
  @Override
  public Slice slice(long millis) throws Exception {
    gathering.meet();
    Latencies latencies = new Latencies();
    int times = 0;
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    do {
      for (int i = 1; i < BATCH; i++) {
        meeting.await();
      }
      if (isFirst) {
        last.setVolatile(System.nanoTime() - end < 0 ? 0 : 1);
      }
      long before = System.nanoTime();
      meeting.await();
      latencies.add(System.nanoTime() - before);
      times += BATCH;
    } while (last.getVolatile() == 0);
    double nanos = System.nanoTime() - start;
    return new Slice(nanos / times, 0, latencies.nanos());
  }
}
