// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.futex.Deadline;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.Slot;

/**
 * Something that one thread of all processes does, once, while the others wait until it is done: C's {@code call_once},
 * for processes, and for initialisers that may fail.
 *
 * <pre>
 *    0  mutex  40 bytes  a robust {@link SharedMutex}, held by who initialises
 *   40  done   u32       1: initialised, for ever
 * </pre>
 *
 * <p>An initialiser that throws, or whose thread or process is killed, is replaced by the next one who waits; the half
 * of it that was done is still there, so an initialiser begins from the beginning.
 *
 * <p>Fairness: none. Memory: what the initialiser does happens before {@code run} returns, in every process.
 *
 * <p>Only a platform thread can initialise, or wait for it; a virtual one can find it done. All-zero bytes are one that
 * is not initialised.
 */
public final class SharedOnce extends Slot {
  /** What it takes of the memory. */
  public static final int BYTES = 64;

  private static final int MUTEX = 0;
  private static final int DONE = 40;
  private static final int YES = 1;

  private final SharedMutex mutex;

  private SharedOnce(MappedMemory memory, long offset) {
    super(Objects.requireNonNull(memory, "memory"), offset, BYTES);
    mutex = SharedMutex.at(memory, offset + MUTEX);
  }

  /**
   * The one at an offset, shared with all who map the file.
   *
   * @param offset in bytes; the address that it means must be a multiple of 8
   * @throws IllegalArgumentException if it is not aligned, or not wholly inside the memory, or something else
   * @throws UnsupportedOperationException if this system has no robust mutexes
   */
  public static SharedOnce at(MappedMemory memory, long offset) {
    return new SharedOnce(memory, offset);
  }

  /**
   * The one that begins at a shared word.
   *
   * @throws UnsupportedOperationException on a private word, and if this system has no robust mutexes
   */
  public static SharedOnce at(FutexWord word) {
    if (!Objects.requireNonNull(word, "word").isShared()) {
      throw new UnsupportedOperationException(
          "found a private word, expected a shared one: it is the kernel that replaces an initialiser that dies."
              + " Fix: memory.word(offset)");
    }
    return at(word.memory(), word.offset());
  }

  /** Whether it is initialised. */
  public boolean isDone() {
    checkOpen();
    return getVolatile(DONE) == YES;
  }

  /**
   * Runs the initialiser unless it is done; waits if another one runs. When this returns it is done. What the
   * initialiser throws comes out of here, and it is not.
   *
   * @return whether this call did it
   * @throws DeadlockException if the initialiser asks for what it is about to do
   */
  public boolean run(Runnable initialiser) {
    Objects.requireNonNull(initialiser, "initialiser");
    return !isDone() && run(initialiser, mutex.acquire());
  }

  /** As {@link #run(Runnable)}, unless this thread is interrupted before, or while it waits. */
  public boolean runInterruptibly(Runnable initialiser) throws InterruptedException {
    return runInterruptibly(initialiser, Deadline.NONE);
  }

  /**
   * As {@link #runInterruptibly(Runnable)}, if another one is done in time; its own initialiser may take longer.
   *
   * @throws TimeoutException if the time is over and it is not done
   */
  public boolean run(Runnable initialiser, long timeout, TimeUnit unit)
      throws InterruptedException, TimeoutException {
    Objects.requireNonNull(initialiser, "initialiser");
    long deadline = Deadline.after(timeout, unit);
    boolean did = runInterruptibly(initialiser, deadline);
    if (!did && !isDone()) {
      throw new TimeoutException("waiting for the initialiser of " + this);
    }
    return did;
  }

  private boolean runInterruptibly(Runnable initialiser, long deadline)
      throws InterruptedException {
    Objects.requireNonNull(initialiser, "initialiser");
    Interrupts.throwIfInterrupted(this);
    if (isDone()) {
      return false;
    }
    Acquisition result = mutex.acquireInterruptibly(deadline);
    Interrupts.throwIf(result == Acquisition.INTERRUPTED, this);
    return run(initialiser, result);
  }

  /** Holding the mutex, unless the time is over. */
  private boolean run(Runnable initialiser, Acquisition result) {
    if (result == Acquisition.TIMED_OUT) {
      return false;
    }
    try {
      if (result == Acquisition.OWNER_DIED) {
        mutex.makeConsistent(); // an initialiser begins from the beginning
      }
      if (isDone()) {
        return false;
      }
      initialiser.run();
      getAndSet(DONE, YES);
      return true;
    } finally {
      mutex.unlock();
    }
  }

  /** {@code "once at offset 64 of /dev/shm/book (4096 bytes): being initialised"}. */
  @Override
  public String toString() {
    return "once at offset "
        + mutex.state.offset()
        + " of "
        + mutex.state.memory()
        + ": "
        + describe();
  }

  private String describe() {
    if (mutex.state.memory().isClosed()) {
      return "closed";
    }
    if (isDone()) {
      return "done";
    }
    return mutex.isLocked()
        ? "being done by " + mutex.owner().map(Object::toString).orElse("nobody")
        : "not done";
  }
}
