// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What a {@link Selector} can wait for beside its sockets: a channel that is readable when a wait is over, for an
 * event, a permit, a word. An event loop that is an {@link Executor}, as Netty's and Vert.x's are, needs none:
 * {@code event.awaitAsync(loop)}.
 *
 * <pre>{@code
 * SharedEvent orders = region.autoResetEvent("orders");
 * try (Selector selector = Selector.open();
 *     WaitChannel wait = WaitChannel.open(() -> orders.awaitAsync(Runnable::run))) {
 *   socket.register(selector, SelectionKey.OP_READ, (Runnable) () -> answer(socket));
 *   wait.channel().register(selector, SelectionKey.OP_READ, (Runnable) () -> { if (wait.poll()) takeOrders(); });
 *   while (true) {
 *     selector.select(key -> ((Runnable) key.attachment()).run());
 *   }
 * }
 * }</pre>
 *
 * <p>It takes a pipe, two file descriptors. All methods may be called by any thread.
 */
public final class WaitChannel implements Closeable {
  private final Supplier<? extends CompletableFuture<?>> waits;
  private final Pipe pipe;
  private CompletableFuture<?> wait; // null once it was polled for; these three are guarded by this
  private boolean over;
  private boolean closed;

  private WaitChannel(Supplier<? extends CompletableFuture<?>> waits, Pipe pipe) {
    this.waits = waits;
    this.pipe = pipe;
  }

  /**
   * Opens one, and begins a wait.
   *
   * @param waits begins a wait, each time: {@code () -> event.awaitAsync(Runnable::run)}, or
   *     {@code () -> futexes.waitAsync(word, seen, Runnable::run)}. What completes it writes a byte, which is short
   */
  public static WaitChannel open(Supplier<? extends CompletableFuture<?>> waits)
      throws IOException {
    Objects.requireNonNull(waits, "waits");
    Pipe pipe = Pipe.open();
    WaitChannel channel = new WaitChannel(waits, pipe);
    try {
      pipe.source().configureBlocking(false);
      pipe.sink().configureBlocking(false); // nor does an interrupt close it then
      channel.begin();
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** What to register with a selector, for reading; only {@link #poll} reads from it. */
  public SelectableChannel channel() {
    return pipe.source();
  }

  /**
   * Whether the wait is over. If it is, the next one begins, and the channel is not readable until that is over; so
   * deal first with what would end it at once, such as an event that is not reset.
   *
   * <p>After {@link #close()} it says once more whether a wait was over, and nobody had asked: a permit that came by
   * that is still to be given back.
   *
   * @throws CompletionException if the wait failed, because its memory was closed, say
   */
  public synchronized boolean poll() {
    if (!over) {
      return false;
    }
    CompletableFuture<?> ended = wait;
    over = false;
    wait = null;
    if (closed) {
      ended.join();
    } else {
      drain();
      ended.join();
      begin();
    }
    return true;
  }

  private synchronized void begin() {
    wait = waits.get();
    wait.whenComplete((value, failure) -> end());
  }

  /** One byte, and the note that it is there, so that none is left for a wait that was polled for. */
  private synchronized void end() {
    if (!closed && !wait.isCancelled()) {
      over = true;
      try {
        pipe.sink().write(ByteBuffer.allocate(1));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void drain() {
    try {
      pipe.source().read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the wait, and what is registered. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      over = wait != null && !wait.cancel(false);
    }
    try {
      pipe.sink().close();
    } finally {
      pipe.source().close();
    }
  }
}
