// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jfutex.agrona.BlockingRingBuffer;
import org.jfutex.agrona.RingConsumer;
import org.jfutex.memory.MappedMemory;

/** What a consumer costs while no message comes: the CPU time of its JVM, all threads, in percent of one CPU. */
final class IdleTask implements Task {
  private static final double PERCENT = 100;
  private static final int LIMIT = 100;

  /** Until nothing is left to compile. */
  private static final long SETTLE_MILLIS = 2_000;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static void declare(Tasks tasks) {
    tasks.task("idle-read FILE OFFSET", arguments -> read(arguments.memory(), arguments.offset()));
    tasks.task("idle-spin FILE OFFSET", arguments -> spin(arguments.memory(), arguments.offset()));
  }

  private final Thread consumer;

  private IdleTask(Runnable consume) throws InterruptedException {
    consumer = new Thread(consume, "consumer");
    consumer.setDaemon(true);
    consumer.start();
    Thread.sleep(WarmUp.of(SETTLE_MILLIS));
  }

  /** One that sleeps. */
  private static IdleTask read(MappedMemory memory, int offset) throws InterruptedException {
    BlockingRingBuffer queue = BlockingRingBuffer.manyToOne(memory, offset, MessageQueue.CAPACITY);
    return new IdleTask(
        () -> {
          try (RingConsumer consumer = queue.consumer()) {
            while (true) {
              consumer.read((type, buffer, index, length) -> {}, LIMIT);
            }
          } catch (InterruptedException e) {
            // The task has ended.
          }
        });
  }

  /** One that polls without a rest. */
  private static IdleTask spin(MappedMemory memory, int offset) throws InterruptedException {
    MessageQueue.Consumer consumer = MessageQueue.at(memory, offset, "bare-many-to-one").consumer();
    return new IdleTask(
        () -> {
          while (!Thread.currentThread().isInterrupted()) {
            consumer.poll((type, buffer, index, length) -> {}, LIMIT);
            Thread.onSpinWait();
          }
        });
  }

  @Override
  public Slice slice(long millis) throws InterruptedException {
    long start = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    TimeUnit.MILLISECONDS.sleep(millis);
    cpu = system.getProcessCpuTime() - cpu;
    return new Slice(PERCENT * cpu / (System.nanoTime() - start), 0);
  }

  @Override
  public void close() {
    consumer.interrupt();
    Threads.join(consumer);
  }
}
