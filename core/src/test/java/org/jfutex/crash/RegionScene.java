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

  /** The first one after a reboot: who held a mutex then is dead. */
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
  private static final int WHO_IS_DEAD = 4711;

  private final boolean ofProcess;

  RegionScene(boolean ofProcess) {
    this.ofProcess = ofProcess;
  }

  @Override
  public String primitive() {
    return "region";
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
  }

  /** Whoever comes finds or makes all of it, twice, and it works; no two of them lie upon each other. */
  private static void findAll(CrashPlay play) throws IOException {
    SharedRegion region = open(play.stage);
    for (int i = 0; i < 2; i++) {
      play.finish(
          () -> {
            makeAll(region);
            region.mutex("mutex").lock();
            region.mutex("mutex").unlock();
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

  /** As if the machine had been started anew while a thread held the mutex. */
  private static void heldBeforeReboot(SharedRegion region) {
    MappedMemory memory = region.memory();
    region.directory().stream()
        .filter(entry -> entry.name().equals("mutex"))
        .forEach(entry -> memory.word(entry.offset()).setVolatile(WHO_IS_DEAD));
    FutexWord bootId = memory.word(BOOT_ID);
    bootId.setVolatile(~bootId.getVolatile());
  }
}
