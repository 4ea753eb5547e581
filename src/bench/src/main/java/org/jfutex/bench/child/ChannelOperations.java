// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Two processes that send each other 8 bytes through channels of the JDK. The pong makes what they meet at, named after
 * the shared file, and deletes it as soon as they have met.
 */
final class ChannelOperations implements WordsOperations.Pair {
  private static final String TO_PONG = ".to-pong";
  private static final String TO_PING = ".to-ping";

  private final ReadableByteChannel in;
  private final WritableByteChannel out;
  private final ByteBuffer message = ByteBuffer.allocateDirect(Long.BYTES);

  private ChannelOperations(ReadableByteChannel in, WritableByteChannel out) {
    this.in = in;
    this.out = out;
  }

  static void declare(Tasks tasks) {
    tasks.task("pipe-ping FILE", arguments -> Loop.ofTrips(pipePing(arguments.text("FILE"))));
    tasks.pong(
        "pipe-pong FILE",
        arguments -> {
          Meeting pipes = pipePong(arguments.text("FILE"));
          return () -> answer(pipes, ChannelOperations::pong);
        });
    tasks.task("socket-ping FILE", arguments -> Loop.ofTrips(socketPing(arguments.text("FILE"))));
    tasks.pong(
        "socket-pong FILE",
        arguments -> {
          Meeting socket = socketPong(arguments.text("FILE"));
          return () -> answer(socket, ChannelOperations::pong);
        });
    tasks.pong(
        "socket-select-pong FILE",
        arguments -> {
          Meeting socket = socketPong(arguments.text("FILE"));
          return () -> answer(socket, ChannelOperations::select);
        });
  }

  /** A way to do so. */
  private interface Answers {
    void of(ChannelOperations pong) throws Exception;
  }

  private static void answer(Meeting meeting, Answers answers) throws Exception {
    try (ChannelOperations pong = meeting.meet()) {
      answers.of(pong);
    }
  }

  /** What the pong does before the ping comes, and what they do when they meet: blocks until both are there. */
  private interface Meeting {
    ChannelOperations meet() throws IOException;
  }

  /** Two named pipes. To open one blocks until both ends are: both open them in the same order. */
  private static ChannelOperations pipePing(String file) throws IOException {
    WritableByteChannel out = FileChannel.open(Path.of(file + TO_PONG), StandardOpenOption.WRITE);
    return new ChannelOperations(
        FileChannel.open(Path.of(file + TO_PING), StandardOpenOption.READ), out);
  }

  /** The other side. */
  private static Meeting pipePong(String file) throws IOException, InterruptedException {
    Path toPong = makePipe(file + TO_PONG);
    Path toPing = makePipe(file + TO_PING);
    return () -> {
      ReadableByteChannel in = FileChannel.open(toPong, StandardOpenOption.READ);
      WritableByteChannel out = FileChannel.open(toPing, StandardOpenOption.WRITE);
      Files.delete(toPong);
      Files.delete(toPing);
      return new ChannelOperations(in, out);
    };
  }

  private static Path makePipe(String name) throws IOException, InterruptedException {
    Path pipe = Path.of(name);
    pipe.toFile().deleteOnExit();
    if (new ProcessBuilder("mkfifo", name).inheritIO().start().waitFor() != 0) {
      throw new IOException("mkfifo did not make " + name);
    }
    return pipe;
  }

  /** A Unix-domain socket. */
  private static ChannelOperations socketPing(String file) throws IOException {
    SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(file + TO_PONG));
    return new ChannelOperations(socket, socket);
  }

  /** The other side. */
  private static Meeting socketPong(String file) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file + TO_PONG);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    address.getPath().toFile().deleteOnExit();
    server.bind(address);
    return () -> {
      SocketChannel socket = server.accept();
      server.close();
      Files.delete(address.getPath());
      return new ChannelOperations(socket, socket);
    };
  }

  /** A round trip. */
  @Override
  public long run(long times) throws IOException {
    for (long i = 0; i < times; i++) {
      send();
      if (!receive()) {
        throw new IOException("the pong is gone");
      }
    }
    return 0;
  }

  @Override
  public boolean answer() throws IOException {
    if (!receive()) {
      return false;
    }
    send();
    return true;
  }

  /** The pong of a socket that waits by a selector; returns when the ping is closed. */
  private void select() throws Exception {
    AsyncOperations.select((SocketChannel) in, this::answer);
  }

  private void send() throws IOException {
    message.clear();
    out.write(message); // 8 bytes go as one, into a pipe and into a socket that are empty
  }

  /** False when the other end is closed. */
  private boolean receive() throws IOException {
    message.clear();
    do {
      if (in.read(message) < 0) {
        return false;
      }
    } while (message.hasRemaining());
    return true;
  }

  /** That of a ping ends the pong. */
  @Override
  public void close() throws IOException {
    out.close();
    in.close();
  }
}
