// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.NotRecoverableException;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A region that outlived a reboot: here, one whose file says that it was used during another run of the kernel. */
class RegionRebootTest {
  private static final int BOOT_ID = 32;
  private static final int PID_NAMESPACE = 48;
  private static final int DIRECTORY_MUTEX = 128;
  private static final MutexKind RECURSIVE = MutexKind.RECURSIVE.robust(true);

  /** Of a thread before the reboot; after it, of another one. */
  private final int tid = FutexManager.system().currentTid();

  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");

  @AfterEach
  void deleteFolder() {
    folder.close();
  }

  /** The machine loses its power: nobody gave anything back. */
  private void reboot() throws IOException {
    RegionBytes.putLong(path, BOOT_ID, 4711);
    RegionBytes.putLong(path, PID_NAMESPACE, 4712);
  }

  private static int slot(SharedRegion region, String name) {
    return region.directory().stream()
        .filter(entry -> entry.name().equals(name))
        .mapToInt(entry -> (int) entry.offset())
        .findAny()
        .orElseThrow();
  }

  private static void hold(MappedMemory memory, int mutex, int word) {
    memory.word(mutex).setVolatile(word);
    memory.word(mutex + 4).setVolatile(1);
    memory.word(mutex + 8).setVolatile(tidOf(word));
    memory.word(mutex + 12).setVolatile(1);
  }

  private static int tidOf(int word) {
    return word & LinuxAbi.FUTEX_TID_MASK;
  }

  @Test
  void theNextOwnersAreToldOrFindWhatIsFree() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, 16384)) {
      region.mutex("robust");
      region.mutex("waited for", RECURSIVE);
      region.mutex("unheld");
      region.mutex("lost");
      SharedMutex plain = region.mutex("plain", MutexKind.RECURSIVE);
      region.condition("condition", plain);
      region.word("word").setVolatile(-1);
      region.bytes("bytes", 64).putLong(0, -1);
      MappedMemory memory = region.memory();
      hold(memory, slot(region, "robust"), tid);
      hold(memory, slot(region, "waited for"), tid | LinuxAbi.FUTEX_WAITERS);
      hold(memory, slot(region, "lost"), tid);
      memory.word(slot(region, "lost") + 8).setVolatile(0x7ffffffe);
      memory.word(slot(region, "unheld")).setVolatile(LinuxAbi.FUTEX_WAITERS);
      hold(memory, slot(region, "plain"), 2);
      memory.word(slot(region, "condition")).setVolatile(77);
      memory.word(slot(region, "condition") + 4).setVolatile(3);
      memory.word(slot(region, "condition") + 8).setVolatile(1);
      CompactReadWriteLock lock = region.compactReadWriteLock("compact");
      lock.writeLock().lock();
      assertTrue(region.semaphore("semaphore", 2).tryAcquire());
      memory.word(slot(region, "semaphore") + 4).setVolatile(3);
      region.robustSemaphore("pool", 2);
      hold(memory, slot(region, "pool") + 64, tid);
      hold(memory, slot(region, "pool") + 128, tid);
      region.readWriteLock("read");
      hold(memory, slot(region, "read") + 64, tid);
      region.readWriteLock("written");
      hold(memory, slot(region, "written"), tid);
      memory.word(slot(region, "written") + 52).setVolatile(1); // the writer was inside
      region.once("done").run(() -> {});
      region.once("half done");
      hold(memory, slot(region, "half done"), tid);
      region.barrier("barrier", 3);
      memory.word(slot(region, "barrier")).setVolatile(2);
      region.latch("latch", 2).countDown();
      region.event("event").set();
      hold(memory, DIRECTORY_MUTEX, tid);
    }
    reboot();
    try (SharedRegion region = SharedRegion.open(path)) {
      assertEquals(Acquisition.OWNER_DIED, region.mutex("robust").tryAcquire());
      assertEquals(Acquisition.OWNER_DIED, region.mutex("waited for", RECURSIVE).tryAcquire());
      assertEquals(Acquisition.ACQUIRED, region.mutex("unheld").tryAcquire());
      assertThrows(NotRecoverableException.class, () -> region.mutex("lost").tryAcquire());
      SharedMutex plain = region.mutex("plain", MutexKind.RECURSIVE);
      assertEquals(Acquisition.ACQUIRED, plain.tryAcquire());
      assertEquals(1, plain.getHoldCount());
      assertTrue(region.condition("condition", plain).toString().contains("0 waiting"));
      assertEquals(-1, region.word("word").getVolatile());
      assertEquals(-1, region.bytes("bytes", 64).getLong(0));
      region.word("the directory has no owner any more");
      assertTrue(region.compactReadWriteLock("compact").writeLock().tryLock());
      assertEquals(2, region.semaphore("semaphore", 2).availablePermits());
      assertFalse(region.semaphore("semaphore", 2).hasQueuedThreads());
      assertEquals(2, region.robustSemaphore("pool", 2).availablePermits());
      assertEquals(Acquisition.ACQUIRED, region.readWriteLock("read").writeLock().tryAcquire());
      assertEquals(
          Acquisition.OWNER_DIED, region.readWriteLock("written").writeLock().tryAcquire());
      assertFalse(region.once("done").run(() -> {}));
      assertTrue(region.once("half done").run(() -> {}));
      assertEquals(0, region.barrier("barrier", 3).getNumberWaiting());
      assertEquals(1, region.latch("latch", 2).getCount());
      assertTrue(region.event("event").isSet());

      try (SharedRegion later = SharedRegion.open(path)) {
        assertTrue(later.mutex("robust").isHeldByCurrentThread(), "only the first one does it");
        later.mutex("robust").makeConsistent();
      }
      for (String name : new String[] {"robust", "unheld"}) {
        region.mutex(name).unlock();
        assertFalse(region.mutex(name).isLocked());
      }
      region.readWriteLock("read").writeLock().unlock();
      region.readWriteLock("written").writeLock().makeConsistent();
      region.readWriteLock("written").writeLock().unlock();
      region.mutex("waited for", RECURSIVE).makeConsistent();
      region.mutex("waited for", RECURSIVE).unlock();
      plain.unlock();
    }
  }

  @Test
  void itIsThisSystemsAfterwards() throws IOException {
    SharedRegion.open(path, 4096).close();
    byte[] before = Files.readAllBytes(path);
    reboot();
    SharedRegion.open(path).close();
    assertArrayEquals(
        Arrays.copyOf(before, DIRECTORY_MUTEX),
        Arrays.copyOf(Files.readAllBytes(path), DIRECTORY_MUTEX));
  }
}
