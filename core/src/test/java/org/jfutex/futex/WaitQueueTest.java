// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.Test;

/** The lists in one queue against a map of lists, over growth, collisions and removals from everywhere. */
class WaitQueueTest {
  private final MappedMemory memory = TestMemory.anonymous();

  private Waiter waiter(int word, int hash) {
    Waiter waiter = new Waiter();
    waiter.word = memory.privateWord(4L * word);
    waiter.hash = hash;
    waiter.bitset = 1 << word % 3;
    return waiter;
  }

  @Test
  void keepsTheOrderOfEveryKey() {
    Random random = new Random(42);
    WaitQueue queue = new WaitQueue(0);
    Map<Integer, List<Waiter>> model = new LinkedHashMap<>();
    queue.lock();
    for (int step = 0; step < 20_000; step++) {
      int word = random.nextInt(200);
      int hash = word / 3 * 31; // three words collide
      List<Waiter> list = model.computeIfAbsent(word, w -> new ArrayList<>());
      if (random.nextInt(100) < 55 || list.isEmpty()) {
        Waiter waiter = waiter(word, hash);
        queue.append(waiter);
        list.add(waiter);
      } else {
        Waiter waiter = list.remove(random.nextInt(list.size()));
        queue.remove(waiter);
      }
      assertList(list, queue, word, hash);
    }
    model.forEach((word, list) -> assertList(list, queue, word, word / 3 * 31));
    int[] found = new int[1];
    queue.forEach(w -> found[0]++);
    assertEquals(model.values().stream().mapToInt(List::size).sum(), found[0]);
    queue.unlock();
  }

  private void assertList(List<Waiter> expected, WaitQueue queue, int word, int hash) {
    FutexWord key = memory.privateWord(4L * word);
    List<Waiter> actual = new ArrayList<>();
    for (Waiter w = queue.first(key.key(), hash); w != null; w = w.next) {
      actual.add(w);
    }
    assertEquals(expected, actual);
  }

  @Test
  void takesByCountAndBit() {
    WaitQueue queue = new WaitQueue(0);
    List<Waiter> waiters = new ArrayList<>();
    queue.lock();
    for (int i = 0; i < 6; i++) {
      Waiter waiter = waiter(0, 7);
      waiter.bitset = i % 2 == 0 ? 1 : 2;
      waiter.state = Waiter.QUEUED;
      queue.append(waiter);
      waiters.add(waiter);
    }
    FutexWord word = memory.privateWord(0);
    assertEquals(2, queue.take(word.key(), 7, 2, 2));
    assertEquals(1, queue.take(word.key(), 7, 0, 1), "a count of 0 takes one");
    assertEquals(0, queue.take(word.key(), 7, 9, 4));
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
