// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.support.Actor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Semaphores by name; what they share with C is in the tests of both together. */
class NamedSemaphoreTest {
  private final String name =
      "/jfutex-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
  private final Path path = Path.of("/dev/shm/sem." + name.substring(1));

  @AfterEach
  void delete() throws IOException {
    Files.deleteIfExists(path);
  }

  @Test
  void isCreatedOpenedAndUnlinked() throws IOException {
    assertThrows(NoSuchFileException.class, () -> NamedSemaphore.open(name));
    assertThrows(NoSuchFileException.class, () -> NamedSemaphore.unlink(name));
    try (NamedSemaphore created = NamedSemaphore.create(name, 2);
        NamedSemaphore opened = NamedSemaphore.open(name);
        NamedSemaphore found = NamedSemaphore.openOrCreate(name, 5)) {
      assertEquals(SharedSemaphore.BYTES, Files.size(path));
      assertThrows(FileAlreadyExistsException.class, () -> NamedSemaphore.create(name, 2));
      assertTrue(created.tryAcquire());
      assertEquals(1, opened.availablePermits());
      assertEquals(1, found.availablePermits());
      assertEquals(
          "semaphore at offset 0 of " + path + " (32 bytes): 1 permits, 0 waiting",
          opened.toString());
      NamedSemaphore.unlink(name);
      opened.release();
      assertEquals(2, created.availablePermits());
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void closingReleasesWhoWaitsHereAndNobodyElse() throws IOException {
    NamedSemaphore closed = NamedSemaphore.create(name, 0);
    try (NamedSemaphore open = NamedSemaphore.open(name)) {
      List<Actor<Boolean>> waiting = new ArrayList<>();
      for (NamedSemaphore semaphore : List.of(closed, open)) {
        waiting.add(
            Actor.start(
                    () -> {
                      semaphore.acquire();
                      return true;
                    })
                .awaitBlocked(FutexManager.system()));
      }
      closed.close();
      assertInstanceOf(ClosedMemoryException.class, waiting.get(0).failure());
      assertEquals(1, open.getQueueLength());
      open.release();
      assertTrue(waiting.get(1).result());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "//x", "/a/b", "a/b", "/a/", "/a\0b"})
  void whatCannotBeANameIsRefused(String wrong) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.open(wrong)).getMessage();
    assertTrue(message.contains("expected a slash and 1 to 251 bytes"), message);
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.create(wrong, 1));
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.openOrCreate(wrong, 1));
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.unlink(wrong));
  }

  @Test
  void theLongestName() throws IOException {
    String longest = name + "x".repeat(252 - name.length());
    try (NamedSemaphore semaphore = NamedSemaphore.create(longest, 1)) {
      assertEquals(1, semaphore.availablePermits());
    } finally {
      NamedSemaphore.unlink(longest);
    }
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.create(longest + "x", 1));
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Files.write(path, new byte[31]);
    assertTrue(
        assertThrows(FileSystemException.class, () -> NamedSemaphore.open(name))
            .getMessage()
            .contains("found 31 bytes, expected 32"));
    Files.write(path, new byte[32]);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.open(name))
            .getMessage()
            .contains("found no semaphore, or a process-private one"));
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.openOrCreate(name, 1));
    Files.delete(path);
    Files.createSymbolicLink(path, Path.of("/dev/shm/nowhere"));
    for (int permits : List.of(0, 1)) {
      assertTrue(
          assertThrows(FileSystemException.class, () -> NamedSemaphore.openOrCreate(name, permits))
              .getMessage()
              .contains("found a symbolic link"));
    }
    assertThrows(FileAlreadyExistsException.class, () -> NamedSemaphore.create(name, 1));
    assertThrows(IllegalArgumentException.class, () -> NamedSemaphore.create(name, -1));
    Files.delete(path);
    Files.createDirectory(path);
    assertThrows(FileSystemException.class, () -> NamedSemaphore.open(name));
  }

  /** Others open it while it appears: each sees none, or all of it. */
  @Test
  void appearsWhole() throws Exception {
    int threads = 4;
    int rounds = 50;
    CyclicBarrier barrier = new CyclicBarrier(threads);
    List<Actor<Integer>> actors = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      boolean unlinks = i == 0;
      actors.add(
          Actor.start(
              () -> {
                int taken = 0;
                for (int round = 0; round < rounds; round++) {
                  barrier.await();
                  try (NamedSemaphore semaphore = NamedSemaphore.openOrCreate(name, 3)) {
                    taken += semaphore.drainPermits();
                  }
                  barrier.await();
                  if (unlinks) {
                    NamedSemaphore.unlink(name);
                  }
                }
                return taken;
              }));
    }
    assertEquals(3 * rounds, actors.stream().mapToInt(Actor::result).sum());
  }
}
