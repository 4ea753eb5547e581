// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.support.Actor;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegionSnapshotTest {
  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");
  private final int tid = FutexManager.system().currentTid();

  @AfterEach
  void deleteFolder() {
    folder.close();
  }

  private static RegionSnapshot.Slot slot(RegionSnapshot snapshot, String name) {
    return snapshot.slots().stream()
        .filter(slot -> slot.entry().name().equals(name))
        .findAny()
        .orElseThrow();
  }

  private static void assertState(String state, RegionSnapshot snapshot, String name) {
    assertEquals(state, slot(snapshot, name).state());
  }

  private void assertOwners(int count, RegionSnapshot snapshot, String name) {
    RegionSnapshot.Slot slot = slot(snapshot, name);
    assertEquals(count, slot.owners().size(), slot::toString);
    slot.owners().forEach(owner -> assertEquals(tid, owner.tid()));
  }

  @Test
  void itTellsTheStateAndOwnerOfEachSlot() throws Exception {
    try (SharedRegion region = SharedRegion.open(path)) {
      EveryKind.make(region);
      region.word("a word").setVolatile(7);
      region.mutex("free");
      region.mutex("a mutex").lock();
      region.mutex("a PI mutex", EveryKind.PI).lock();
      region.mutex("plain", MutexKind.NORMAL).lock();
      region.compactReadWriteLock("a compact read-write lock").readLock().lock();
      region.readWriteLock("a read-write lock", 4, null).readLock().lock();
      region.semaphore("a semaphore", 3).acquire();
      region.robustSemaphore("a robust semaphore", 2).acquire();
      region.latch("a latch", 5).countDown();
      region.event("an event").set();
      byte[] before = Files.readAllBytes(path);

      RegionSnapshot snapshot = RegionSnapshot.read(path);
      assertArrayEquals(before, Files.readAllBytes(path), "it only looks");
      assertTrue(snapshot.isOfThisSystem());
      assertEquals(1, snapshot.header().version());
      assertEquals(17, snapshot.header().entries());
      assertEquals(
          region.directory(), snapshot.slots().stream().map(RegionSnapshot.Slot::entry).toList());
      assertState("7", snapshot, "a word");
      assertState("", snapshot, "bytes");
      assertState("free", snapshot, "free");
      assertTrue(slot(snapshot, "a mutex").state().startsWith("held by thread " + tid + " of"));
      assertState("0 waiting", snapshot, "a condition");
      assertState("1 readers", snapshot, "a compact read-write lock");
      assertState("1 of 4 slots taken; the writers' mutex is free", snapshot, "a read-write lock");
      assertState("2 permits, 0 waiting", snapshot, "a semaphore");
      assertState("1 of 2 permits", snapshot, "a robust semaphore");
      assertState("0 of 3 wait", snapshot, "a barrier");
      assertState("set", snapshot, "an event");
      assertState("not set", snapshot, "an auto-reset event");
      assertState("not done", snapshot, "a once");
      assertEquals("mutex, robust error-check", slot(snapshot, "a mutex").what());
      assertOwners(0, snapshot, "free");
      for (String name :
          List.of("a mutex", "a PI mutex", "plain", "a read-write lock", "a robust semaphore")) {
        assertOwners(1, snapshot, name);
      }

      region.mutex("a mutex").unlock();
      region.mutex("a PI mutex", EveryKind.PI).unlock();
      region.readWriteLock("a read-write lock", 4, null).readLock().unlock();
      region.robustSemaphore("a robust semaphore", 2).release();
    }
  }

  @Test
  void itCountsWhoWaits() throws Exception {
    try (SharedRegion region = SharedRegion.open(path)) {
      SharedMutex mutex = region.mutex("m");
      SharedCondition condition = region.condition("c", mutex);
      Actor<?> waiter =
          Actor.start(
                  () -> {
                    mutex.lock();
                    boolean signalled = condition.await(60, TimeUnit.SECONDS);
                    mutex.unlock();
                    return signalled;
                  })
              .awaitBlocked(FutexManager.system());
      assertState("1 waiting", RegionSnapshot.read(path), "c");
      mutex.lock();
      condition.signal();
      mutex.unlock();
      waiter.result();
    }
  }

  @Test
  void aFileThatMayOnlyBeReadIsEnough() throws IOException {
    SharedRegion.open(path).close();
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--------"));
    assertEquals(List.of(), RegionSnapshot.read(path).slots());
  }

  @Test
  void whatIsNotOfThisSystemCanBeLookedAt() throws IOException {
    SharedRegion.open(path).close();
    RegionBytes.putLong(path, 48, 4711);
    RegionSnapshot snapshot = RegionSnapshot.read(path);
    assertFalse(snapshot.isOfThisSystem());
    assertEquals(4711, snapshot.header().pidNamespace());
  }

  @Test
  void whatIsNoRegionIsRefusedAndNothingIsMade() throws IOException {
    NoSuchFileException missing =
        assertThrows(NoSuchFileException.class, () -> RegionSnapshot.read(path));
    assertEquals(
        "no such file, expected a region that SharedRegion.open made", missing.getReason());
    assertFalse(Files.exists(path));
    Files.write(path, new byte[0]);
    assertThrows(RegionRefusedException.class, () -> RegionSnapshot.read(path));
    assertEquals(0, Files.size(path));
    Files.writeString(path, "something else");
    assertThrows(RegionRefusedException.class, () -> RegionSnapshot.read(path));
    assertThrows(RegionRefusedException.class, () -> RegionSnapshot.read(folder.path()));
  }
}
