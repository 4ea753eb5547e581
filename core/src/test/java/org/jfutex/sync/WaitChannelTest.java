// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.ClosedMemoryException;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.Actor;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;
import org.jfutex.support.TestMemory;
import org.jfutex.support.Words;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An event loop waits for sockets and for what is in shared memory by one select. */
class WaitChannelTest {
  private static final FutexManager FUTEXES = FutexManager.system();
  private static final long TIMEOUT_MILLIS = 60_000;

  private final TestMemory test = new TestMemory();

  @AfterEach
  void close() {
    Eventually.until("nobody waits any more", () -> waits() == 0);
    test.close();
  }

  private long waits() {
    return FUTEXES.waits().stream().filter(w -> w.word().memory() == test.memory()).count();
  }

  @Test
  void oneSelectWaitsForASocketAndAnEvent() throws Exception {
    SharedEvent event = SharedEvent.autoReset(test.memory(), 64);
    try (SharedFolder folder = new SharedFolder();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open();
        WaitChannel wait = WaitChannel.open(() -> event.awaitAsync(Runnable::run))) {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.file("socket"));
      server.bind(address);
      try (SocketChannel near = SocketChannel.open(address);
          SocketChannel far = server.accept()) {
        near.configureBlocking(false);
        SelectionKey socketKey = near.register(selector, SelectionKey.OP_READ);
        SelectionKey waitKey = wait.channel().register(selector, SelectionKey.OP_READ);
        assertEquals(0, selector.selectNow());
        for (int round = 0; round < 50; round++) {
          event.set();
          select(selector, waitKey);
          assertTrue(wait.poll());
          assertFalse(wait.poll(), "once an event");
          assertEquals(0, selector.selectNow());

          far.write(ByteBuffer.allocate(1));
          select(selector, socketKey);
          assertEquals(1, near.read(ByteBuffer.allocate(2)));

          Actor<Void> setter =
              Actor.start(
                  () -> {
                    event.set();
                    far.write(ByteBuffer.allocate(1));
                    return null;
                  });
          select(selector, waitKey);
          select(selector, socketKey);
          setter.result();
          assertTrue(wait.poll());
          assertEquals(1, near.read(ByteBuffer.allocate(2)));
        }
      }
    }
  }

  private static void select(Selector selector, SelectionKey key) throws IOException {
    long end = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000;
    do {
      assertTrue(System.nanoTime() < end, "not readable");
      selector.selectedKeys().clear();
      selector.select(TIMEOUT_MILLIS);
    } while (!selector.selectedKeys().contains(key));
  }

  /** Which value was seen last is the user's. */
  @ParameterizedTest
  @EnumSource
  void aWordIsReadableWhenItChanges(Words words) throws Exception {
    FutexWord word = words.at(test.memory(), 64);
    int[] seen = {0};
    try (Selector selector = Selector.open();
        WaitChannel wait =
            WaitChannel.open(() -> FUTEXES.waitAsync(word, seen[0], Runnable::run))) {
      SelectionKey key = wait.channel().register(selector, SelectionKey.OP_READ);
      for (int value = 1; value <= 20; value++) {
        assertEquals(0, selector.selectNow());
        // An interrupt of who wakes does not close the channel.
        Thread.currentThread().interrupt();
        word.setVolatile(value);
        FUTEXES.wake(word, 1);
        assertTrue(Thread.interrupted());
        select(selector, key);
        seen[0] = word.getVolatile();
        assertTrue(wait.poll());
      }
      word.setVolatile(0);
      FUTEXES.wake(word, 1);
      select(selector, key);
      assertTrue(wait.poll());
      select(selector, key); // still another than the one seen last
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCameBeforeTheCloseIsTold(Words words) throws Exception {
    SharedSemaphore semaphore = SharedSemaphore.at(words.at(test.memory(), 64), 0);
    int given = 0;
    int got = 0;
    for (int round = 0; round < 200; round++) {
      WaitChannel wait = WaitChannel.open(() -> semaphore.acquireAsync(Runnable::run));
      Actor<Void> giver =
          Actor.start(
              () -> {
                semaphore.release();
                return null;
              });
      given++;
      if (round % 2 == 0) {
        giver.result();
      }
      wait.close();
      wait.close();
      giver.result();
      Eventually.until(
          "nobody waits", () -> semaphore.getQueueLength() == 0); // a late one was given back
      got += wait.poll() ? 1 : 0;
      assertFalse(wait.poll());
      int expected = given - got;
      Eventually.until("no permit is lost", () -> semaphore.availablePermits() == expected);
      got += semaphore.drainPermits();
    }
  }

  @Test
  void aWaitThatFailsIsReadable() throws Exception {
    try (TestMemory closed = new TestMemory();
        Selector selector = Selector.open();
        WaitChannel wait =
            WaitChannel.open(SharedEvent.manualReset(closed.memory(), 0)::awaitAsync)) {
      SelectionKey key = wait.channel().register(selector, SelectionKey.OP_READ);
      closed.memory().close();
      select(selector, key);
      Throwable failure = assertThrows(CompletionException.class, wait::poll).getCause();
      assertInstanceOf(ClosedMemoryException.class, failure);
      assertEquals(0, selector.selectNow());
    }
    assertThrows(
        ClosedMemoryException.class,
        () -> {
          TestMemory gone = new TestMemory();
          SharedEvent event = SharedEvent.manualReset(gone.memory(), 0);
          gone.close();
          WaitChannel.open(event::awaitAsync);
        });
  }

  @Test
  void noDescriptorStays() throws Exception {
    SharedEvent event = SharedEvent.manualReset(test.memory(), 64);
    int before = descriptors();
    List<WaitChannel> channels = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      channels.add(WaitChannel.open(event::awaitAsync));
    }
    for (WaitChannel channel : channels) {
      channel.close();
    }
    Eventually.until("closed", () -> descriptors() < before + 50);
  }

  private static int descriptors() {
    return Path.of("/proc/self/fd").toFile().list().length;
  }
}
