// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.memory.FutexWord;

/**
 * Nanoseconds from {@link Thread#interrupt()} to the blocked thread being back in Java, interrupted; a percentile of
 * the interrupts of a slice.
 *
 * <p>Each interrupt meets a thread that sleeps: the JVM says what it waits for, and then the kernel that it is off its
 * CPU in a system call. Otherwise it would be a thread that is still on its way, which finds its status set and never
 * sleeps; and that is faster.
 *
 * <p>Each of the two threads is pinned to a CPU. Left alone they share one for minutes in one JVM and never in the
 * next, and a wake-up on one's own CPU costs a tenth of one that calls another CPU out of its idle state.
 */
final class InterruptTask implements Task {
  private static final int WARM_UP = 5_000;

  /** With fewer a 99th percentile would be the maximum. */
  private static final int LEAST = 200;

  /** What /proc says of a thread that is on a CPU, or was taken off it outside of any system call. */
  private static final String RUNNING = "running";

  private static final String NO_SYSTEM_CALL = "-1";
  private static final int LINE_BYTES = 16;

  private static final double PERCENT = 100;

  private final double share;
  private final Thread sleeper;
  private final BooleanSupplier waits;

  /** Open for as long as the sleeper lives. */
  private final RandomAccessFile systemCall;

  private final byte[] line = new byte[LINE_BYTES];
  private long[] samples = new long[LEAST];
  private volatile int tid;
  private volatile boolean ended;
  private volatile long returned; // when the sleeper came back; 0: it has not

  static void declare(Tasks tasks) {
    tasks.task(
        "interrupted-wait FILE OFFSET PERCENTILE CPU SLEEPERS_CPU", InterruptTask::futexWait);
    tasks.task("interrupted-park PERCENTILE CPU SLEEPERS_CPU", InterruptTask::park);
  }

  private InterruptTask(Arguments arguments, Runnable sleep, Waits waits) throws Exception {
    share = Double.parseDouble(arguments.text("PERCENTILE")) / PERCENT;
    sleeper =
        new Thread(
            () -> {
              tid = FutexManager.system().currentTid();
              while (!ended) {
                sleep.run();
                long now = System.nanoTime();
                if (!Thread.interrupted()) {
                  throw new IllegalStateException("back without the interrupt status");
                }
                returned = now;
              }
            },
            "sleeper");
    this.waits = () -> waits.is(sleeper);
    sleeper.setDaemon(true);
    sleeper.start();
    until(() -> tid != 0);
    CpuPin.pinCurrentThread(arguments.text("CPU"));
    CpuPin.pin(tid, arguments.text("SLEEPERS_CPU"));
    systemCall = new RandomAccessFile("/proc/self/task/" + tid + "/syscall", "r");
    for (int i = 0; i < WarmUp.of(WARM_UP); i++) {
      sample();
    }
  }

  /** Whether a thread waits, as far as Java knows: it may not be asleep yet. */
  private interface Waits {
    boolean is(Thread thread);
  }

  /** {@link FutexManager#waitInterruptibly} on a shared word. */
  private static InterruptTask futexWait(Arguments arguments) throws Exception {
    FutexManager futexes = FutexManager.system();
    FutexWord word = arguments.memory().word(arguments.offset());
    return new InterruptTask(
        arguments,
        () -> {
          WaitResult result;
          do {
            result = futexes.waitInterruptibly(word, 0);
          } while (result == WaitResult.WOKEN);
          if (result != WaitResult.INTERRUPTED) {
            throw new IllegalStateException("wait answered " + result + ", expected INTERRUPTED");
          }
        },
        thread -> futexes.waits().stream().anyMatch(wait -> wait.thread() == thread));
  }

  /** {@link LockSupport#park()}: the JVM's own way to sleep until an interrupt. */
  private static InterruptTask park(Arguments arguments) throws Exception {
    return new InterruptTask(
        arguments,
        () -> {
          while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
          }
        },
        thread -> thread.getState() == Thread.State.WAITING);
  }

  @Override
  public Slice slice(long millis) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    int count = 0;
    while (count < LEAST || System.nanoTime() < end) {
      if (count == samples.length) {
        samples = Arrays.copyOf(samples, 2 * count);
      }
      samples[count++] = sample();
    }
    Arrays.sort(samples, 0, count);
    return new Slice(samples[(int) Math.ceil(share * count) - 1], 0, Arrays.copyOf(samples, count));
  }

  @Override
  public void close() throws IOException {
    ended = true;
    sleeper.interrupt();
    Threads.join(sleeper);
    systemCall.close();
  }

  private long sample() throws IOException {
    until(waits);
    while (!isInSystemCall()) {
      Thread.yield();
    }
    long start = System.nanoTime();
    sleeper.interrupt();
    until(() -> returned != 0);
    long nanos = returned - start;
    returned = 0;
    return nanos;
  }

  private boolean isInSystemCall() throws IOException {
    systemCall.seek(0);
    int length = systemCall.read(line);
    String start = new String(line, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    return length > 0 && !start.startsWith(RUNNING) && !start.startsWith(NO_SYSTEM_CALL);
  }

  private void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (!sleeper.isAlive()) {
        throw new IllegalStateException("the sleeper has ended; its exception is on stderr");
      }
      Thread.yield();
    }
  }
}
