// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

/** A task that repeats one operation and takes the time. */
final class Loop implements Task {
  /** Longest plausible cost of an operation; the first slice corrects it. */
  private static final double FIRST_GUESS_NANOS = 10_000;

  /** The operation, so many times; the JIT sees the loop, so the loop is the operation's own. */
  interface Operation extends AutoCloseable {
    /** Before each slice, which has a number. */
    default void beginSlice(int number) {}

    /** How many sleepers were woken. */
    long run(long times) throws Exception;

    @Override
    default void close() {}
  }

  private final Operation operation;
  private double guess = FIRST_GUESS_NANOS;
  private int slices;

  /**
   * Runs the operation until the JIT has seen enough of it.
   *
   * @param warmUp how many times, if it is whole; in two calls, or the second half would stay in the loop compiled for
   *     the first call
   */
  Loop(Operation operation, long warmUp) throws Exception {
    this.operation = operation;
    operation.run(WarmUp.of(warmUp / 2));
    operation.run(WarmUp.of(warmUp / 2));
  }

  @Override
  public Slice slice(long millis) throws Exception {
    operation.beginSlice(slices++);
    long operations = (long) (millis * 1e6 / guess) + 1;
    long start = System.nanoTime();
    long sleepers = operation.run(operations);
    guess = (double) (System.nanoTime() - start) / operations;
    return new Slice(guess, (double) sleepers / operations);
  }

  @Override
  public void close() {
    operation.close();
  }
}
