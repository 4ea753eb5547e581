// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.Waiter;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.KeyKind;
import org.jfutex.memory.MappedMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Prepare a waiter, wake it, complete it, while others wait on other words. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CrowdBenchmark {
  /** Words taken in turns, so that no single word's luck in a hash table decides; a power of two. */
  private static final int OWN_WORDS = 64;

  @Param("0")
  public int others;

  /** Whether all the others wait on one and the same word. */
  @Param("false")
  public boolean oneWord;

  /** Of all the words. */
  @Param("PRIVATE")
  public KeyKind kind;

  private final FutexManager futexes = FutexManager.system();
  private final List<Waiter> crowd = new ArrayList<>();
  private final FutexWord[] words = new FutexWord[OWN_WORDS];
  private final Waiter[] waiters = new Waiter[OWN_WORDS];
  private int turn;

  @Setup
  public void gather() throws IOException {
    int total = OWN_WORDS + others;
    MappedMemory memory = memory(total * FutexWord.BYTES);
    for (int i = 0; i < OWN_WORDS; i++) {
      words[i] = word(memory, i);
      waiters[i] = new Waiter();
    }
    for (int i = OWN_WORDS; i < total; i++) {
      Waiter waiter = new Waiter();
      crowd.add(waiter);
      prepare(waiter, word(memory, oneWord ? OWN_WORDS : i));
    }
    // What waits has been there for a while. Otherwise the collections that only a large crowd
    // causes would decide which objects are old, and so which write barriers are paid.
    System.gc();
  }

  private MappedMemory memory(int bytes) throws IOException {
    if (kind != KeyKind.SHARED_MAPPABLE) {
      return MappedMemory.wrap(ByteBuffer.allocateDirect(bytes));
    }
    Path folder = Files.createTempDirectory("jfutex-bench");
    Path file = folder.resolve("words");
    MappedMemory memory = MappedMemory.create(file, bytes);
    // The mapping stays.
    Files.delete(file);
    Files.delete(folder);
    return memory;
  }

  private FutexWord word(MappedMemory memory, int number) {
    int offset = number * FutexWord.BYTES;
    FutexWord word = kind.isShared() ? memory.word(offset) : memory.privateWord(offset);
    if (word.key().kind() != kind) {
      throw new IllegalStateException("found " + word.key() + ", expected " + kind);
    }
    return word;
  }

  private void prepare(Waiter waiter, FutexWord word) {
    if (!futexes.waitPrepare(waiter, word, 0, FutexManager.ANY_BIT)) {
      throw new IllegalStateException(word + " changed, expected 0 for ever");
    }
  }

  @Benchmark
  public boolean prepareWakeOne() {
    int i = turn++ & OWN_WORDS - 1;
    prepare(waiters[i], words[i]);
    futexes.wake(words[i], 1);
    return futexes.waitComplete(waiters[i]);
  }

  @TearDown
  public void disperse() {
    for (Waiter waiter : crowd) {
      if (futexes.waitComplete(waiter)) {
        throw new IllegalStateException("one of the others was woken");
      }
    }
  }
}
