// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;

/** A task that repeats one operation and takes the time. */
final class Loop implements Task {
  /** Longest plausible cost of an operation; the first slice corrects it. */
  private static final double FIRST_GUESS_NANOS = 10_000;

  private static final long WARM_UP_CALLS = 200_000;
  private static final long WARM_UP_LOCKS = 2_000_000;
  private static final long WARM_UP_ROUND_TRIPS = 20_000;

  /** Of a slice. */
  private static final int MOST_SAMPLES = 1_000;

  /** Of fewer the clock would take a part that shows. */
  private static final int OPERATIONS_A_SAMPLE = 8;

  /** The operation, so many times; the JIT sees the loop, so the loop is the operation's own. */
  interface Operation extends AutoCloseable {
    /** Before each slice, which has a number. */
    default void beginSlice(int number) {}

    /** How many sleepers were woken. */
    long run(long times) throws Exception;

    @Override
    default void close() throws IOException {}
  }

  private final Operation operation;
  private final int mostSamples;
  private double guess = FIRST_GUESS_NANOS;
  private int slices;

  /**
   * Runs the operation until the JIT has seen enough of it.
   *
   * @param warmUp how many times, if it is whole; in two calls, or the second half would stay in the loop compiled for
   *     the first call
   */
  private Loop(Operation operation, long warmUp, int mostSamples) throws Exception {
    this.operation = operation;
    this.mostSamples = mostSamples;
    operation.run(WarmUp.of(warmUp / 2));
    operation.run(WarmUp.of(warmUp / 2));
  }

  /** Of system calls, and what is as long. */
  static Loop ofCalls(Operation operation) throws Exception {
    return new Loop(operation, WARM_UP_CALLS, 0);
  }

  /** Of what makes none. */
  static Loop ofLocks(Operation operation) throws Exception {
    return new Loop(operation, WARM_UP_LOCKS, 0);
  }

  /** Of round trips: some are timed alone, too; they are so long that the clock does not show. */
  static Loop ofTrips(Operation operation) throws Exception {
    return ofTrips(operation, WARM_UP_ROUND_TRIPS);
  }

  /**
   * Of round trips that take less than others, or more.
   *
   * @param warmUp how many, if it is whole
   */
  static Loop ofTrips(Operation operation, long warmUp) throws Exception {
    return new Loop(operation, warmUp, MOST_SAMPLES);
  }

  @Override
  public Slice slice(long millis) throws Exception {
    operation.beginSlice(slices++);
    long operations = (long) (millis * 1e6 / guess) + 1;
    long[] samples = new long[(int) Math.min(mostSamples, operations / OPERATIONS_A_SAMPLE)];
    long stride = samples.length == 0 ? 0 : operations / samples.length;
    long start = System.nanoTime();
    long sleepers = operation.run(operations - samples.length * stride);
    for (int i = 0; i < samples.length; i++) {
      sleepers += operation.run(stride - 1);
      long before = System.nanoTime();
      sleepers += operation.run(1);
      samples[i] = System.nanoTime() - before;
    }
    guess = (double) (System.nanoTime() - start) / operations;
    return new Slice(guess, (double) sleepers / operations, samples);
  }

  @Override
  public void close() throws IOException {
    operation.close();
  }
}
