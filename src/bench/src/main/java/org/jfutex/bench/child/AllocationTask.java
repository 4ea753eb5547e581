// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.MutexKind;

/**
 * Bytes that an operation allocates, by the JVM's own count for the threads that take part. A profiler of the whole
 * heap would add what the harness allocates, and divide it by as few operations as a sleeping thread makes.
 */
final class AllocationTask implements Task {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Without a sleeper an operation is far below a microsecond, with one some ten. */
  private static final long SOLO_PER_MILLI = 2_000;

  private static final long DUET_PER_MILLI = 30;

  private static final long WARM_UP_MILLIS = 500;

  /** Room for all of them. */
  private static final int BYTES = 1024;

  /**
   * What is measured.
   *
   * @param operation once
   * @param partner what another thread does meanwhile, over and over; or null
   */
  record Steps(Runnable operation, Runnable partner) {}

  private final Runnable operation;
  private final MappedMemory memory;
  private final Thread partner; // null where one thread does it all

  static void declare(Tasks tasks) {
    tasks.task(
        "allocation ENGINE OPERATION",
        arguments -> {
          MappedMemory memory = memory();
          WordAllocations words = new WordAllocations(memory, arguments.text("ENGINE"));
          return new AllocationTask(memory, words.steps(arguments.text("OPERATION")));
        });
    tasks.task(
        "mutex-allocation KIND OPERATION",
        arguments -> {
          MappedMemory memory = memory();
          MutexKind kind = KindNumber.parse(arguments.text("KIND"));
          MutexAllocations mutexes = new MutexAllocations(memory, kind);
          return new AllocationTask(memory, mutexes.steps(arguments.text("OPERATION")));
        });
  }

  private static MappedMemory memory() {
    return MappedMemory.wrap(ByteBuffer.allocateDirect(BYTES));
  }

  private AllocationTask(MappedMemory memory, Steps steps) {
    this.memory = memory;
    operation = steps.operation();
    partner = steps.partner() == null ? null : start(steps.partner());
    slice(WarmUp.of(WARM_UP_MILLIS));
    slice(WarmUp.of(WARM_UP_MILLIS));
  }

  private Thread start(Runnable step) {
    Thread thread = new Thread(() -> repeat(step), "partner");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Until the memory is closed, which throws out who sleeps in it. */
  private void repeat(Runnable step) {
    try {
      for (; ; ) {
        step.run();
      }
    } catch (RuntimeException e) {
      if (!memory.isClosed()) {
        throw e;
      }
    }
  }

  @Override
  public Slice slice(long millis) {
    long times = millis * (partner == null ? SOLO_PER_MILLI : DUET_PER_MILLI);
    // To ask for another thread's count allocates: outside of what is counted.
    long partnersBefore = partnersBytes();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (long i = 0; i < times; i++) {
      operation.run();
    }
    long own = THREADS.getCurrentThreadAllocatedBytes() - before;
    return new Slice((double) (own + partnersBytes() - partnersBefore) / times, 0);
  }

  @Override
  public void close() {
    memory.close();
    if (partner != null) {
      Threads.join(partner);
    }
  }

  /** A sleeping thread's count is complete. */
  private long partnersBytes() {
    return partner == null ? 0 : THREADS.getThreadAllocatedBytes(partner.getId());
  }
}
