// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.OwnMemory;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;

/**
 * Four robust mutexes that one thread takes and gives back in any order: two by native code, a PI one among them, and
 * two by jfutex, a PI one among them. One native mutex lies in the mapped file, the other one in memory of malloc.
 */
final class MixedList {
  /** How many mutexes there are. */
  static final int MUTEXES = 4;

  private static final int OFFSET = 64;
  private static final int PREV = 24;
  private static final int NEXT = 32;

  private final Memory allocated = new Memory(OFFSET);
  private final SharedMutex[] java = new SharedMutex[MUTEXES]; // null where it is a native one
  private final long[] addresses = new long[MUTEXES];

  /**
   * @param fileHasPi whether the native mutex in the file is the PI one
   */
  MixedList(MappedMemory memory, boolean fileHasPi) {
    memory.buffer().put(0, new byte[MUTEXES * OFFSET]);
    long base = memory.word(0).address();
    addresses[0] = base;
    addresses[1] = Pointer.nativeValue(allocated);
    Glibc.initRobust(addresses[0], true, fileHasPi);
    Glibc.initRobust(addresses[1], false, !fileHasPi);
    for (int i = 2; i < MUTEXES; i++) {
      addresses[i] = base + i * OFFSET;
      MutexKind kind = MutexKind.DEFAULT.priorityInheritance(i == 2);
      java[i] = SharedMutex.at(memory, i * OFFSET, kind);
    }
  }

  static boolean isNative(int mutex) {
    return mutex < 2;
  }

  void lock(int mutex) {
    if (isNative(mutex)) {
      Glibc.lock(addresses[mutex]);
    } else {
      assertEquals(Acquisition.ACQUIRED, java[mutex].acquire());
    }
  }

  void unlock(int mutex) {
    if (isNative(mutex)) {
      Glibc.unlock(addresses[mutex]);
    } else {
      java[mutex].unlock();
    }
  }

  /**
   * Walks the calling thread's list, and looks whether every entry knows the one before it.
   *
   * @return the mutexes in it, newest last
   */
  List<Integer> walk() {
    try {
      List<Integer> found = new ArrayList<>();
      long head = FutexSyscalls.system().context().robustListHead();
      assertEquals(
          0, OwnMemory.readLong(head + LinuxAbi.ROBUST_LIST_OP_PENDING), "nothing is pending");
      long before = head;
      long entry = OwnMemory.readLong(head);
      while (entry != head && found.size() <= MUTEXES) {
        long address = entry & ~LinuxAbi.ROBUST_LIST_PI;
        int mutex = mutexOf(address - NEXT);
        boolean marked = address != entry;
        assertEquals(isPi(mutex), marked, "the mark of a PI mutex");
        assertEquals(before, OwnMemory.readLong(address - NEXT + PREV), "prev");
        found.add(0, mutex);
        before = address;
        entry = OwnMemory.readLong(address);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int mutexOf(long address) {
    for (int i = 0; i < MUTEXES; i++) {
      if (addresses[i] == address) {
        return i;
      }
    }
    throw new AssertionError("an entry that is no mutex: 0x" + Long.toHexString(address));
  }

  private boolean isPi(int mutex) throws IOException {
    return (OwnMemory.readInt(addresses[mutex] + MutexBytes.KIND) & 32) != 0;
  }

  /** The futex word. */
  int word(int mutex) {
    try {
      return OwnMemory.readInt(addresses[mutex]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
