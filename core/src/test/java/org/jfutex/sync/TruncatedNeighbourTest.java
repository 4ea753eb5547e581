// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.Deadline;
import org.jfutex.memory.TruncatedMemoryException;
import org.jfutex.region.SharedRegion;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.SharedFolder;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file is truncated while a thread holds robust mutexes in it, and others elsewhere: those elsewhere work on, and are
 * handed on when the thread ends. In a JVM of its own, which a write to a page that is gone might end.
 */
class TruncatedNeighbourTest {
  /** The JVM, of an access that failed; 17 throws the error when it gets to it, after what was done is done. */
  private static final boolean TELLS_AT_ONCE = Runtime.version().feature() >= 25;

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-Xmixed"})
  void whatIsHeldElsewhereWorksOn(String flag) {
    ChildJvm.Ended child = ChildJvm.run(List.of(flag), TruncatedNeighbourTest.class);
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("survived"), child.output());
  }

  public static void main(String[] arguments) throws Exception {
    if (TELLS_AT_ONCE) {
      lockAndUnlockBesideWhatIsGone();
      takeWhatIsGone();
    }
    for (long bytes : new long[] {0, 50, 100, 4096}) {
      makeNamesInWhatIsGone(bytes);
    }
    System.out.println("survived");
  }

  private static void lockAndUnlockBesideWhatIsGone() throws Exception {
    try (TestMemory intact = new TestMemory();
        TestMemory gone = new TestMemory()) {
      SharedMutex[] kept = mutexes(intact);
      SharedMutex[] lost = mutexes(gone);
      Actor<Void> holder =
          Actor.start(
              () -> {
                kept[0].lock();
                lost[0].lock();
                kept[1].lock();
                lost[1].lock();
                kept[2].lock();
                lost[2].lock();
                lost[3].lock();
                truncate(gone.path(), 0);
                kept[3].lock(); // beside a newer one that is gone
                kept[3].unlock();
                kept[3].lock();
                kept[1].unlock(); // between others
                assertFalse(kept[1].isLocked());
                for (SharedMutex each : lost) {
                  assertThrows(TruncatedMemoryException.class, each::unlock);
                  assertThrows(TruncatedMemoryException.class, each::isHeldByCurrentThread);
                }
                kept[1].lock();
                kept[2].unlock();
                return null;
              });
      holder.result();
      assertHandedOn(kept[0], Acquisition.OWNER_DIED);
      assertHandedOn(kept[1], Acquisition.OWNER_DIED);
      assertHandedOn(kept[2], Acquisition.ACQUIRED);
      assertHandedOn(kept[3], Acquisition.OWNER_DIED);
    }
  }

  private static void takeWhatIsGone() throws Exception {
    try (TestMemory intact = new TestMemory();
        TestMemory gone = new TestMemory()) {
      SharedMutex[] kept = mutexes(intact);
      SharedMutex[] lost = mutexes(gone);
      Actor<Void> holder =
          Actor.start(
              () -> {
                kept[0].lock();
                lost[0].lock();
                truncate(gone.path(), 0);
                for (int i = 0; i < 3; i++) {
                  assertThrows(TruncatedMemoryException.class, lost[1]::lock);
                  assertThrows(TruncatedMemoryException.class, lost[0]::unlock);
                }
                kept[1].lock();
                return null;
              });
      holder.result();
      assertHandedOn(kept[0], Acquisition.OWNER_DIED);
      assertHandedOn(kept[1], Acquisition.OWNER_DIED);
    }
  }

  private static void makeNamesInWhatIsGone(long bytes) throws Exception {
    try (SharedFolder folder = new SharedFolder();
        SharedRegion region = SharedRegion.open(folder.file("region"));
        TestMemory intact = new TestMemory()) {
      SharedMutex[] kept = mutexes(intact);
      Actor<Void> holder =
          Actor.start(
              () -> {
                kept[0].lock();
                region.mutex("mutex").lock();
                region.readWriteLock("read-write lock").writeLock().lock();
                region.readWriteLock("another").readLock().lock();
                truncate(folder.file("region"), bytes);
                for (int i = 0; i < 3; i++) {
                  String name = "new " + i;
                  assertThrows(TruncatedMemoryException.class, () -> region.mutex(name));
                  assertThrows(TruncatedMemoryException.class, () -> region.event(name));
                }
                if (TELLS_AT_ONCE) {
                  kept[1].lock();
                }
                return null;
              });
      holder.result();
      if (TELLS_AT_ONCE) {
        assertHandedOn(kept[0], Acquisition.OWNER_DIED);
        assertHandedOn(kept[1], Acquisition.OWNER_DIED);
      }
    }
  }

  private static SharedMutex[] mutexes(TestMemory test) {
    SharedMutex[] mutexes = new SharedMutex[4];
    Arrays.setAll(mutexes, i -> SharedMutex.at(test.memory(), 4096L * i));
    return mutexes;
  }

  private static void assertHandedOn(SharedMutex mutex, Acquisition expected) {
    assertEquals(
        expected, mutex.acquire(Deadline.after(60, TimeUnit.SECONDS)), () -> mutex.toString());
  }

  private static void truncate(Path path, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }
}
