// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.junit.jupiter.api.Test;

/** The lists in one queue against a map of lists, over growth, collisions and removals from everywhere. */
class WaitQueueTest {
  /** So much that some hashes of its million words are equal. */
  private final MappedMemory memory = MappedMemory.wrap(ByteBuffer.allocateDirect(1 << 22));

  private static Waiter waiter(FutexWord word, int bitset) {
    Waiter waiter = new Waiter();
    waiter.word = word;
    waiter.bitset = bitset;
    return waiter;
  }

  /** Words that are many in few of the chains, and their lists; some are different futexes with one hash. */
  private Map<FutexWord, List<Waiter>> crowdedWords(int count) {
    Map<Integer, List<FutexWord>> byHash =
        IntStream.range(0, (int) memory.size() / FutexWord.BYTES)
            .mapToObj(i -> memory.privateWord((long) i * FutexWord.BYTES))
            .collect(Collectors.groupingBy(FutexWord::keyHash));
    List<FutexWord> colliding =
        byHash.values().stream().filter(words -> words.size() > 1).flatMap(List::stream).toList();
    assertTrue(colliding.size() > 1, "no two words have one hash");
    Map<FutexWord, List<Waiter>> lists = new LinkedHashMap<>();
    Stream.concat(
            colliding.stream().limit(count / 2),
            byHash.values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingInt(word -> word.keyHash() & 0xFFFF)))
        .distinct()
        .limit(count)
        .forEach(word -> lists.put(word, new ArrayList<>()));
    return lists;
  }

  @Test
  void keepsTheOrderOfEveryKey() {
    Random random = new Random(42);
    WaitQueue queue = new WaitQueue(0);
    Map<FutexWord, List<Waiter>> model = crowdedWords(200);
    List<FutexWord> words = List.copyOf(model.keySet());
    queue.lock();
    for (int step = 0; step < 20_000; step++) {
      FutexWord word = words.get(random.nextInt(words.size()));
      List<Waiter> list = model.get(word);
      if (random.nextInt(100) < 55 || list.isEmpty()) {
        Waiter waiter = waiter(word, 1);
        queue.append(waiter);
        list.add(waiter);
      } else {
        Waiter waiter = list.remove(random.nextInt(list.size()));
        queue.remove(waiter);
      }
      assertList(list, queue, word);
    }
    model.forEach((word, list) -> assertList(list, queue, word));
    int[] found = new int[1];
    queue.forEach(w -> found[0]++);
    assertEquals(model.values().stream().mapToInt(List::size).sum(), found[0]);
    queue.unlock();
  }

  private void assertList(List<Waiter> expected, WaitQueue queue, FutexWord word) {
    FutexWord same = memory.privateWord(word.offset()); // another object, as another caller has
    List<Waiter> actual = new ArrayList<>();
    for (Waiter w = queue.first(same); w != null; w = w.next) {
      actual.add(w);
    }
    assertEquals(expected, actual);
  }

  @Test
  void takesByCountAndBit() {
    WaitQueue queue = new WaitQueue(0);
    FutexWord word = memory.privateWord(0);
    List<Waiter> waiters = new ArrayList<>();
    queue.lock();
    for (int i = 0; i < 6; i++) {
      Waiter waiter = waiter(word, i % 2 == 0 ? 1 : 2);
      waiter.state = Waiter.QUEUED;
      queue.append(waiter);
      waiters.add(waiter);
    }
    assertEquals(2, queue.take(word, 2, 2));
    assertEquals(1, queue.take(word, 0, 1), "a count of 0 takes one");
    assertEquals(0, queue.take(word, 9, 4));
    assertTrue(waiters.stream().noneMatch(Waiter::isWoken), "woken by the unlock");
    assertNull(waiters.get(0).queue);
    queue.unlock();
    List<Integer> woken = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      if (waiters.get(i).isWoken()) {
        woken.add(i);
      }
    }
    assertEquals(List.of(0, 1, 3), woken);
  }
}
