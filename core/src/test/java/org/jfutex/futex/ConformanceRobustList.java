// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jfutex.linux.ConformanceSyscalls;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;

/**
 * Robust lists of actors.
 *
 * <p>An actor that is to die with robust words registers a list of its own in the place of the C library's. That is
 * safe in a thread that holds no robust mutex of the C library and ends soon; a new thread registers a new list even
 * where it inherits the memory of a dead one.
 */
final class ConformanceRobustList {
  private static final int NEXT = 0;
  private static final int OFFSET = 8;
  private static final int PENDING = 16;

  /** From a word to its entry. */
  private static final int ENTRY = 16;

  /** The kernel reads a head when its thread dies, which Java does not see: so they stay for ever. */
  private static final Queue<ByteBuffer> HEADS = new ConcurrentLinkedQueue<>();

  private ConformanceRobustList() {}

  /** Stores the thread's id into the words, and registers a list that names them; WAITERS stays. */
  static int hold(FutexSyscalls syscalls, ConformanceWorld world, ConformanceScript.Call call) {
    List<String> words = call.arguments();
    boolean isPending = call.operation().contains("pending");
    int tid = syscalls.gettid();
    for (String word : words) {
      world.store(word, tid | world.load(word) & LinuxAbi.FUTEX_WAITERS);
    }
    ByteBuffer head = ConformanceOperations.nativeBuffer(LinuxAbi.ROBUST_LIST_HEAD_BYTES);
    HEADS.add(head);
    long headAddress = syscalls.addressOf(head);
    head.putLong(OFFSET, -ENTRY);
    if (isPending) {
      head.putLong(NEXT, headAddress);
      head.putLong(PENDING, entryAddress(world, words.get(0)));
    } else {
      ByteBuffer memory = world.memory().buffer();
      head.putLong(NEXT, entryAddress(world, words.get(0)));
      for (int i = 0; i < words.size(); i++) {
        boolean isLast = i == words.size() - 1;
        memory.putLong(
            ConformanceWorld.offset(words.get(i)) + ENTRY,
            isLast ? headAddress : entryAddress(world, words.get(i + 1)));
      }
    }
    int answer =
        ConformanceSyscalls.setRobustList(syscalls, headAddress, LinuxAbi.ROBUST_LIST_HEAD_BYTES);
    if (call.operation().contains("free")) {
      world.store(words.get(0), 0);
    }
    return answer;
  }

  /** As {@link #hold}, but the last entry names the first as the next. */
  static int holdInCircle(FutexSyscalls syscalls, ConformanceWorld world, List<String> words) {
    int answer = hold(syscalls, world, new ConformanceScript.Call("hold_robust", words));
    world
        .memory()
        .buffer()
        .putLong(
            ConformanceWorld.offset(words.get(words.size() - 1)) + ENTRY,
            entryAddress(world, words.get(0)));
    return answer;
  }

  private static long entryAddress(ConformanceWorld world, String word) {
    return world.memory().word(ConformanceWorld.offset(word)).address() + ENTRY;
  }

  /** Registers the list that the C library has registered for this thread already, so that nothing changes. */
  static int registerOwnAgain(FutexSyscalls syscalls, long length) {
    return ConformanceSyscalls.setRobustList(syscalls, syscalls.context().robustListHead(), length);
  }

  /** The length that get_robust_list(2) tells, or minus errno. */
  static int length(FutexSyscalls syscalls, int tid) {
    ByteBuffer result = ConformanceOperations.nativeBuffer(2 * Long.BYTES);
    long address = syscalls.addressOf(result);
    int answer = syscalls.getRobustList(tid, address, address + Long.BYTES);
    return answer < 0 ? answer : (int) result.getLong(Long.BYTES);
  }

  /** The head that get_robust_list(2) tells of a thread of this process. */
  static long head(FutexSyscalls syscalls, int tid) {
    ByteBuffer result = ConformanceOperations.nativeBuffer(2 * Long.BYTES);
    long address = syscalls.addressOf(result);
    int answer = syscalls.getRobustList(tid, address, address + Long.BYTES);
    return answer < 0 ? answer : result.getLong(0);
  }
}
