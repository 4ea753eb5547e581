// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.nio.ByteBuffer;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * The in-JVM queues, by the operations that do not block; every thread has one waiter. Few operations in a class: so
 * that a short scenario made at random often makes sense.
 *
 * <p>isWoken is not among them: it may be late. Somebody else may see the queue empty before the waker has told the
 * waiter so.
 */
abstract class LincheckWaiters {
  static final int THREADS = 3;
  static final int WORDS = 3;

  /** Answer of a thread whose waiter is in use already, or is not. */
  static final int MISUSE = -1_000;

  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;

  /** Made once: to map memory asks the operating system. */
  private static final FutexWord[] MEMORY = words();

  private final InJvmEngine engine = new InJvmEngine();
  private final Waiter[] waiters = new Waiter[THREADS];
  private final boolean[] prepared = new boolean[THREADS]; // each read and written by one thread

  LincheckWaiters() {
    for (int i = 0; i < THREADS; i++) {
      waiters[i] = new Waiter();
    }
    for (FutexWord word : MEMORY) {
      word.setVolatile(0);
    }
  }

  private static FutexWord[] words() {
    MappedMemory memory = MappedMemory.wrap(ByteBuffer.allocateDirect(WORDS * FutexWord.BYTES));
    FutexWord[] words = new FutexWord[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] = memory.privateWord(i * FutexWord.BYTES);
    }
    return words;
  }

  final int prepareIf(int thread, int word, int expected, int bits) {
    if (prepared[thread]) {
      return MISUSE;
    }
    int answer = engine.prepare(waiters[thread], MEMORY[word], expected, bits);
    prepared[thread] = answer == 0;
    return answer;
  }

  final int completeIfPrepared(int thread) {
    if (!prepared[thread]) {
      return MISUSE;
    }
    prepared[thread] = false;
    return engine.complete(waiters[thread]);
  }

  /** Waiters come, go, are woken and moved. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "word", gen = IntGen.class, conf = "0:1")
  @Param(name = "count", gen = IntGen.class, conf = "0:2")
  public static final class Moves extends LincheckWaiters {

    @Operation
    public int prepare(@Param(name = "thread") int thread, @Param(name = "word") int word) {
      return prepareIf(thread, word, 0, ANY);
    }

    @Operation
    public int complete(@Param(name = "thread") int thread) {
      return completeIfPrepared(thread);
    }

    @Operation
    public int wake(@Param(name = "word") int word, @Param(name = "count") int count) {
      return engine().wake(word(word), count, ANY);
    }

    /** Wakes some, and moves up to 2 from one word to the other. */
    @Operation
    public int requeue(@Param(name = "word") int word, @Param(name = "count") int wakeCount) {
      return engine().requeue(word(word), word(1 - word), wakeCount, 2);
    }
  }

  /** What depends on the values of words, and on bits. */
  @Param(name = "thread", gen = ThreadIdGen.class)
  @Param(name = "word", gen = IntGen.class, conf = "0:2")
  @Param(name = "count", gen = IntGen.class, conf = "0:2")
  @Param(name = "value", gen = IntGen.class, conf = "0:1")
  @Param(name = "bits", gen = IntGen.class, conf = "1:3")
  public static final class Values extends LincheckWaiters {

    @Operation
    public int store(@Param(name = "word") int word, @Param(name = "value") int value) {
      return word(word).getAndSet(value);
    }

    @Operation
    public int prepare(
        @Param(name = "thread") int thread,
        @Param(name = "word") int word,
        @Param(name = "value") int expected,
        @Param(name = "bits") int bits) {
      return prepareIf(thread, word, expected, bits);
    }

    @Operation
    public int complete(@Param(name = "thread") int thread) {
      return completeIfPrepared(thread);
    }

    @Operation
    public int wake(
        @Param(name = "word") int word,
        @Param(name = "count") int count,
        @Param(name = "bits") int bits) {
      return engine().wake(word(word), count, bits);
    }

    @Operation
    public int compareRequeue(
        @Param(name = "word") int word,
        @Param(name = "value") int expected,
        @Param(name = "word") int target,
        @Param(name = "count") int requeueCount) {
      return engine().compareRequeue(word(word), expected, word(target), 1, requeueCount);
    }

    /** Turns the second word from 0 to 1 or back, and wakes there if it was 0. */
    @Operation
    public int wakeOp(
        @Param(name = "word") int word,
        @Param(name = "word") int second,
        @Param(name = "count") int count) {
      int turn = LinuxAbi.FUTEX_OP_XOR << 28 | LinuxAbi.FUTEX_OP_CMP_EQ << 24 | 1 << 12;
      return engine().wakeOp(word(word), count, word(second), count, turn);
    }
  }

  final FutexEngine engine() {
    return engine;
  }

  static FutexWord word(int index) {
    return MEMORY[index];
  }
}
