// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * The words on which one engine is played, the same for many sequences.
 *
 * <p>On the kernel they are chosen so that no two share a bucket of its hash table. Moved within its bucket a waiter
 * keeps its place, so that it may come before who waited on the target first; moved to another it comes last. Linux
 * leaves that to chance, and a private table has only 16 buckets.
 */
final class RandomOperationsStage {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;

  private final ConformanceSubject subject;
  private final String kind;
  private final ConformanceWorld world;
  private final List<FutexWord> words = new ArrayList<>();

  RandomOperationsStage(ConformanceSubject subject, String kind) throws IOException {
    this.subject = subject;
    this.kind = kind;
    world = ConformanceWorld.create(kind, "file");
    // Nobody else needs the name.
    Files.delete(world.path());
    int wanted = RandomOperationsStep.WORDS.length();
    for (int offset = 0; words.size() < wanted; offset += FutexWord.BYTES) {
      FutexWord word =
          world.isPrivate() ? world.memory().privateWord(offset) : world.memory().word(offset);
      if (!subject.isKernel() || words.stream().noneMatch(other -> shareBucket(word, other))) {
        words.add(word);
      }
    }
  }

  /** One waits on each, the one on {@code word} first; then that one is moved to {@code other}. Who is woken first? */
  private boolean shareBucket(FutexWord word, FutexWord other) {
    FutexEngine engine = subject.engine();
    ConformanceActor moved = waiting(engine, word);
    ConformanceActor there = waiting(engine, other);
    engine.requeue(word, other, 0, 1);
    engine.wake(other, 1, ANY);
    await(moved, there);
    boolean keptItsPlace = moved.result() != null;
    engine.wake(other, 1, ANY);
    moved.exit();
    there.exit();
    return keptItsPlace;
  }

  private ConformanceActor waiting(FutexEngine engine, FutexWord word) {
    ConformanceActor actor = new ConformanceActor("probe", subject, engine);
    actor.begin(() -> engine.wait(word, 0, ANY, Deadline.NONE, false));
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!actor.isSettled(world::contains) && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(1);
    }
    return actor;
  }

  private static void await(ConformanceActor one, ConformanceActor other) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (one.result() == null && other.result() == null) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("a wake woke nobody");
      }
      LockSupport.parkNanos(1);
    }
  }

  ConformanceSubject subject() {
    return subject;
  }

  ConformanceWorld world() {
    return world;
  }

  /** By the letters of {@link RandomOperationsStep#WORDS}. */
  FutexWord word(String letter) {
    return words.get(RandomOperationsStep.WORDS.indexOf(letter));
  }

  /** All words as they were in the beginning. */
  void reset() {
    words.forEach(word -> word.setVolatile(0));
  }

  @Override
  public String toString() {
    return subject + ", " + kind + " words";
  }
}
