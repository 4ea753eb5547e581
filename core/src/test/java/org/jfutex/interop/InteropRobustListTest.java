// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One thread holds robust mutexes that it took through jfutex and others that native code of the same thread took.
 * Both edit one list. Whatever the order, it has exactly the mutexes that are held, and the kernel marks just those.
 */
class InteropRobustListTest {
  private static final int DEATHS = 100;
  private static final int STEPS = 20;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    test.close();
  }

  /** All histories in which each mutex is taken once and given back once: 8! / 2^4 of them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isSoundInEveryHistory(boolean fileHasPi) {
    try (JavaPeer thread = new JavaPeer(test.memory())) {
      MixedList list = new MixedList(test.memory(), fileHasPi);
      List<List<Integer>> histories = new ArrayList<>();
      collect(new ArrayList<>(), new int[MixedList.MUTEXES], histories::add);
      assertEquals(2520, histories.size());
      thread.call(
          () -> {
            histories.forEach(history -> play(list, history));
            return null;
          });
    }
  }

  /** A history names a mutex when it is taken, and again when it is given back. */
  private static void collect(
      List<Integer> history, int[] seen, Consumer<List<Integer>> histories) {
    if (history.size() == 2 * MixedList.MUTEXES) {
      histories.accept(List.copyOf(history));
      return;
    }
    for (int mutex = 0; mutex < MixedList.MUTEXES; mutex++) {
      if (seen[mutex] < 2) {
        seen[mutex]++;
        history.add(mutex);
        collect(history, seen, histories);
        history.remove(history.size() - 1);
        seen[mutex]--;
      }
    }
  }

  /**
   * @return what is held afterwards
   */
  private static List<Integer> play(MixedList list, List<Integer> history) {
    List<Integer> held = new ArrayList<>();
    try {
      for (Integer mutex : history) {
        if (held.remove(mutex)) {
          list.unlock(mutex);
        } else {
          list.lock(mutex);
          held.add(mutex);
        }
        assertEquals(held, list.walk());
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "history " + history + ", of which 0 and 1 are native; held: " + held, e);
    }
    return held;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void marksWhatIsHeldWhenTheThreadEnds(boolean fileHasPi) {
    Random random = new Random();
    for (int i = 0; i < DEATHS; i++) {
      List<Integer> history =
          random.ints(random.nextInt(STEPS), 0, MixedList.MUTEXES).boxed().toList();
      MixedList list = new MixedList(test.memory(), fileHasPi);
      JavaPeer thread = new JavaPeer(test.memory());
      List<Integer> held = thread.call(() -> play(list, history));
      thread.die();
      for (int mutex = 0; mutex < MixedList.MUTEXES; mutex++) {
        assertEquals(
            held.contains(mutex) ? LinuxAbi.FUTEX_OWNER_DIED : 0,
            list.word(mutex),
            "mutex " + mutex + " after history " + history);
      }
    }
  }

  /** What native code took through glibc, Java gives back only if that needs no list; refusing changes nothing. */
  @ParameterizedTest
  @MethodSource("org.jfutex.support.Kinds#all")
  void whatNativeCodeOfTheThreadTook(MutexKind kind) {
    SharedMutex mutex = SharedMutex.at(test.memory(), 0, kind, Kinds.NO_REPAIR);
    long address = test.memory().word(0).address();
    boolean recursive = kind.again() == Again.RECURSIVE;
    Glibc.lock(address);
    assertTrue(mutex.isHeldByCurrentThread());
    if (recursive) {
      mutex.lock();
      assertEquals(2, mutex.getHoldCount());
      mutex.unlock();
    }
    if (kind.robust()) {
      byte[] before = bytes();
      assertThrows(IllegalMonitorStateException.class, mutex::unlock);
      assertArrayEquals(before, bytes());
      Glibc.unlock(address);
    } else {
      mutex.unlock();
    }
    assertFalse(mutex.isLocked());
    mutex.lock();
    mutex.unlock();
    int count = recursive || !kind.robust() && !kind.priorityInheritance() ? 0 : 1;
    assertEquals(count, test.memory().word(4).getVolatile());
  }

  private byte[] bytes() {
    byte[] bytes = new byte[SharedMutex.BYTES];
    test.memory().buffer().get(0, bytes);
    return bytes;
  }
}
