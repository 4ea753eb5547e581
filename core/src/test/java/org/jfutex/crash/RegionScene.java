// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jfutex.crash.CrashPlay.Action;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.region.DirectoryEntry;
import org.jfutex.region.SharedRegion;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.SharedMutex;

/** A death beside a region: the next one finds what is finished, and makes what is not. */
enum RegionScene implements CrashScene {
  /** Makes the file. */
  CREATE(true) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      withFile(
          play,
          () -> {
            play.startVictim();
            play.awaitVictimGone();
            findAll(play);
          });
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      self.arm();
      open(self.stage);
    }
  },

  /** As before; a third comes the moment that it dies, and waits for that. */
  CREATE_MEANWHILE(true) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      withFile(
          play,
          () -> {
            play.barge(
                () -> {
                  play.start(() -> open(play.stage).word("third"));
                  return true;
                },
                () -> {});
            play.startVictim();
            play.awaitSurvivors();
            findAll(play);
          });
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      self.arm();
      open(self.stage);
    }
  },

  /** The first one after a reboot: who held something then is dead. */
  RECOVER(true) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      withFile(
          play,
          () -> {
            makeAll(open(play.stage));
            heldBeforeReboot(open(play.stage));
            play.startVictim();
            play.awaitVictimGone();
            SharedRegion region = open(play.stage);
            SharedMutex mutex = region.mutex("mutex");
            if (mutex.tryAcquire() != Acquisition.OWNER_DIED) {
              throw new AssertionError("nobody said that the owner died in a reboot");
            }
            mutex.makeConsistent();
            mutex.unlock();
            findAll(play);
          });
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      self.arm();
      open(self.stage);
    }
  },

  /** Adds all kinds of names. */
  ADD(false) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      withFile(
          play,
          () -> {
            open(play.stage).word("first");
            play.startVictim();
            play.awaitVictimGone();
            findAll(play);
          });
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      SharedRegion region = open(self.stage);
      self.arm();
      makeAll(region);
    }
  },

  /** As before; a third comes the moment that it dies, and adds a name or waits for that. */
  ADD_MEANWHILE(false) {
    @Override
    public void survivors(CrashPlay play) throws Exception {
      withFile(
          play,
          () -> {
            SharedRegion region = open(play.stage);
            play.barge(() -> play.startAsleep(() -> region.word("third")).isGone(), () -> {});
            play.startVictim();
            play.awaitSurvivors();
            findAll(play);
          });
    }

    @Override
    public boolean mustBeBarged() {
      return true;
    }

    @Override
    public void victim(CrashVictim self) throws IOException {
      SharedRegion region = open(self.stage);
      self.arm();
      makeAll(region);
    }
  };

  /** Several chunks of zeros are written. */
  private static final long BYTES = 160 * 1024;

  private static final int BOOT_ID = 32; // of the header
  private static final int FIRST_PERMIT = 64; // of a robust semaphore
  private static final int WHO_IS_DEAD = 4711;
  private static final int ONE_READER = 1;

  private final boolean ofProcess;

  RegionScene(boolean ofProcess) {
    this.ofProcess = ofProcess;
  }

  @Override
  public String primitive() {
    return "region";
  }

  @Override
  public boolean isSampled() {
    return true;
  }

  /** The lock on the file is the process's. */
  @Override
  public boolean isOfProcess() {
    return ofProcess;
  }

  private static Path file(CrashStage stage) {
    return Path.of(stage.path + ".region");
  }

  private static void withFile(CrashPlay play, Action body) throws Exception {
    Files.deleteIfExists(file(play.stage));
    try {
      body.run();
      play.awaitSurvivors(); // one of them may still make the file
    } finally {
      Files.deleteIfExists(file(play.stage));
    }
  }

  private static SharedRegion open(CrashStage stage) throws IOException {
    return SharedRegion.open(file(stage), BYTES);
  }

  private static void makeAll(SharedRegion region) {
    region.condition("condition", region.mutex("mutex"));
    region.bytes("bytes", 100);
    region.word("word");
    region.readWriteLock("read-write lock", 2, null);
    region.compactReadWriteLock("compact read-write lock");
    region.semaphore("semaphore", 1);
    region.robustSemaphore("robust semaphore", 1);
    region.barrier("barrier", 1);
    region.latch("latch", 1);
    region.event("event");
    region.autoResetEvent("auto-reset event");
    region.once("once");
  }

  /** Each, as one who comes later. */
  private static void useAll(SharedRegion region) throws Exception {
    region.mutex("mutex").lock();
    region.condition("condition", region.mutex("mutex")).signal();
    region.mutex("mutex").unlock();
    region.readWriteLock("read-write lock", 2, null).readLock().lock();
    region.readWriteLock("read-write lock", 2, null).readLock().unlock();
    region.compactReadWriteLock("compact read-write lock").writeLock().lock();
    region.compactReadWriteLock("compact read-write lock").writeLock().unlock();
    region.semaphore("semaphore", 1).acquire();
    region.semaphore("semaphore", 1).release();
    region.robustSemaphore("robust semaphore", 1).acquire();
    region.robustSemaphore("robust semaphore", 1).release();
    region.barrier("barrier", 1).await();
    region.latch("latch", 1).countDown();
    region.latch("latch", 1).await();
    region.event("event").set();
    region.event("event").await();
    region.autoResetEvent("auto-reset event").set();
    region.autoResetEvent("auto-reset event").await();
    region.once("once").run(() -> {});
  }

  /** Whoever comes finds or makes all of it, twice, and it works; no two of them lie upon each other. */
  private static void findAll(CrashPlay play) throws IOException {
    SharedRegion region = open(play.stage);
    for (int i = 0; i < 2; i++) {
      play.finish(
          () -> {
            makeAll(region);
            useAll(region);
          });
    }
    List<DirectoryEntry> entries = open(play.stage).directory();
    for (int i = 1; i < entries.size(); i++) {
      DirectoryEntry below = entries.get(i);
      if (below.offset() + below.length() > entries.get(i - 1).offset()) {
        throw new AssertionError("one upon the other: " + entries);
      }
    }
    if (entries.stream().map(DirectoryEntry::name).distinct().count() != entries.size()) {
      throw new AssertionError("one name twice: " + entries);
    }
  }

  /** As if the machine had been started anew while a thread held what can be held. */
  private static void heldBeforeReboot(SharedRegion region) {
    MappedMemory memory = region.memory();
    for (DirectoryEntry each : region.directory()) {
      switch (each.name()) {
        case "mutex", "read-write lock", "once" ->
            memory.word(each.offset()).setVolatile(WHO_IS_DEAD);
        case "robust semaphore" ->
            memory.word(each.offset() + FIRST_PERMIT).setVolatile(WHO_IS_DEAD);
        case "compact read-write lock" -> memory.word(each.offset()).setVolatile(ONE_READER);
        default -> {}
      }
    }
    FutexWord bootId = memory.word(BOOT_ID);
    bootId.setVolatile(~bootId.getVolatile());
  }
}
