// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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

  @Param("100000")
  public int others;

  /** Whether they wait, or are merely there: the same objects, so that the heap is not what is compared. */
  @Param("true")
  public boolean waiting;

  /** Whether all the others wait on one and the same word. */
  @Param("false")
  public boolean oneWord;

  /** Of all the words. */
  @Param("PRIVATE")
  public KeyKind kind;

  private final FutexManager futexes = FutexManager.system();
  private FutexWord[] crowdsWords;
  private Waiter[] crowd;
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
    crowdsWords = new FutexWord[others];
    crowd = new Waiter[others];
    for (int i = 0; i < others; i++) {
      crowdsWords[i] = word(memory, OWN_WORDS + (oneWord ? 0 : i));
      crowd[i] = new Waiter();
      if (waiting) {
        prepare(crowd[i], crowdsWords[i]);
      }
    }
    // What waits has been there for a while. Otherwise chance would decide which objects are old by
    // now, and so which write barriers are paid.
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
      if (waiting && futexes.waitComplete(waiter)) {
        throw new IllegalStateException("one of the others was woken");
      }
    }
  }
}
