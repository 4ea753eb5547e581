// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.List;
import org.jfutex.linux.Errno;

/** What {@link LincheckWaiters} would do if one thread at a time called it. */
public class LincheckSpecification {
  private static final int ANY = -1;
  private static final int NOT_PREPARED = -1;
  private static final int WOKEN = -2;

  private final int[] values = new int[LincheckWaiters.WORDS];
  private final List<List<Integer>> queues = new ArrayList<>(); // of threads, by word
  private final int[] places = new int[LincheckWaiters.THREADS]; // the word, or one of the above
  private final int[] bitsOf = new int[LincheckWaiters.THREADS];

  public LincheckSpecification() {
    for (int i = 0; i < LincheckWaiters.WORDS; i++) {
      queues.add(new ArrayList<>());
    }
    for (int i = 0; i < LincheckWaiters.THREADS; i++) {
      places[i] = NOT_PREPARED;
    }
  }

  public int store(int word, int value) {
    int before = values[word];
    values[word] = value;
    return before;
  }

  public int prepare(int thread, int word) {
    return prepare(thread, word, 0, ANY);
  }

  public int prepare(int thread, int word, int expected, int bits) {
    if (places[thread] != NOT_PREPARED) {
      return LincheckWaiters.MISUSE;
    }
    if (values[word] != expected) {
      return -Errno.EAGAIN;
    }
    places[thread] = word;
    bitsOf[thread] = bits;
    queues.get(word).add(thread);
    return 0;
  }

  public int complete(int thread) {
    int place = places[thread];
    if (place == NOT_PREPARED) {
      return LincheckWaiters.MISUSE;
    }
    places[thread] = NOT_PREPARED;
    if (place == WOKEN) {
      return 1;
    }
    queues.get(place).remove((Integer) thread);
    return 0;
  }

  public int wake(int word, int count) {
    return wake(word, count, ANY);
  }

  /** A count of 0 wakes one. */
  public int wake(int word, int count, int bits) {
    int woken = 0;
    for (int thread : List.copyOf(queues.get(word))) {
      if ((bitsOf[thread] & bits) != 0) {
        queues.get(word).remove((Integer) thread);
        places[thread] = WOKEN;
        if (++woken >= count) {
          break;
        }
      }
    }
    return woken;
  }

  public int requeue(int word, int wakeCount) {
    return requeue(word, 1 - word, wakeCount, 2);
  }

  private int requeue(int word, int target, int wakeCount, int requeueCount) {
    int woken = wakeCount == 0 ? 0 : wake(word, wakeCount, ANY);
    if (word == target) {
      return woken + Math.min(requeueCount, queues.get(word).size());
    }
    int moved = 0;
    while (moved < requeueCount && !queues.get(word).isEmpty()) {
      int thread = queues.get(word).remove(0);
      queues.get(target).add(thread);
      places[thread] = target;
      moved++;
    }
    return woken + moved;
  }

  public int compareRequeue(int word, int expected, int target, int requeueCount) {
    return values[word] == expected ? requeue(word, target, 1, requeueCount) : -Errno.EAGAIN;
  }

  public int wakeOp(int word, int second, int count) {
    int before = values[second];
    values[second] = before ^ 1;
    int woken = wake(word, count, ANY);
    return before == 0 ? woken + wake(second, count, ANY) : woken;
  }
}
