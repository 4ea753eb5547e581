// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.jmh;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.WaitResult;
import org.jfutex.futex.Waiter;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the in-JVM engine costs when nobody sleeps, and the lock that it is measured against. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InJvmBenchmark {
  private final FutexManager futexes = FutexManager.system();
  private final Waiter waiter = new Waiter();
  private final ReentrantLock lock = new ReentrantLock();
  private FutexWord word;

  @Setup
  public void map() {
    word = MappedMemory.wrap(ByteBuffer.allocateDirect(FutexWord.BYTES)).privateWord(0);
  }

  /** The peer of the others. */
  @Benchmark
  public void lockUnlock() {
    lock.lock();
    lock.unlock();
  }

  /** The peer of {@link #waitAsyncWake}. */
  @Benchmark
  public CompletableFuture<WaitResult> completeFuture() {
    CompletableFuture<WaitResult> future = new CompletableFuture<>();
    future.complete(WaitResult.WOKEN);
    return future;
  }

  /** A wait that blocks nobody is over. */
  @Benchmark
  public CompletableFuture<WaitResult> waitAsyncWake() {
    CompletableFuture<WaitResult> future = futexes.waitAsync(word, 0, Runnable::run);
    futexes.wake(word, 1);
    return future;
  }

  @Benchmark
  public int wakeNobody() {
    return futexes.wake(word, 1);
  }

  @Benchmark
  public boolean prepareComplete() {
    futexes.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT);
    return futexes.waitComplete(waiter);
  }

  @Benchmark
  public boolean prepareWakeOne() {
    futexes.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT);
    futexes.wake(word, 1);
    return futexes.waitComplete(waiter);
  }
}
