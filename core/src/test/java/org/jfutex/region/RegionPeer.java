// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.support.ChildJvm;
import org.jfutex.sync.SharedMutex;

/** Another JVM that opens regions when it is told to, and ends when nobody can tell it anything any more. */
final class RegionPeer implements AutoCloseable {
  /** What takes a while to make. */
  static final long LARGE = 64 << 20;

  static final int NAMES = 24;

  private static final long ROUND_BYTES = 256 * 1024;
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final BufferedReader answers;

  private RegionPeer(Path path, int number) throws IOException {
    List<String> flags = List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    process =
        new ProcessBuilder(
                ChildJvm.command(
                    flags, RegionPeer.class.getName(), path.toString(), Integer.toString(number)))
            .redirectError(Redirect.INHERIT)
            .start();
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * @param path of what it opens, or how that begins
   */
  static RegionPeer start(Path path, int number) throws IOException {
    return new RegionPeer(path, number);
  }

  void say(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Its next line; who does not answer waits for something. */
  String hear() throws Exception {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return answers.readLine();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** What the peers wait for, to begin together. */
  static FutexWord start(SharedRegion control) {
    return control.word("round");
  }

  /** The file of a round. */
  static Path file(Path path, int round) {
    return path.resolveSibling(path.getFileName() + "-" + round);
  }

  public static void main(String[] arguments) throws IOException {
    Path path = Path.of(arguments[0]);
    int number = Integer.parseInt(arguments[1]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] word = line.split(" ");
      switch (word[0]) {
        case "recreate" -> recreate(path);
        case "rounds" -> playRounds(path, number, Integer.parseInt(word[1]));
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static void recreate(Path path) throws IOException {
    System.out.println("ready");
    while (true) {
      SharedRegion.open(path, LARGE).close();
      Files.deleteIfExists(path);
    }
  }

  private static void playRounds(Path path, int number, int rounds) throws IOException {
    try (SharedRegion control = SharedRegion.open(path)) {
      FutexWord start = start(control);
      System.out.println("ready");
      for (int round = 1; round <= rounds; round++) {
        for (int now = start.getVolatile(); now < round; now = start.getVolatile()) {
          FutexManager.system().wait(start, now);
        }
        System.out.println(play(file(path, round), new Random(31L * round + number)));
      }
    }
  }

  /** Opens, finds or makes all names in an order of its own, counts itself; and tells what the directory says. */
  private static String play(Path path, Random random) throws IOException {
    List<Integer> names = new ArrayList<>();
    for (int name = 0; name < NAMES; name++) {
      names.add(name);
    }
    Collections.shuffle(names, random);
    try (SharedRegion region = SharedRegion.open(path, ROUND_BYTES)) {
      for (int name : names) {
        switch (name % 4) {
          case 0 -> region.mutex("name " + name);
          case 1 -> region.word("name " + name).getAndAdd(1);
          case 2 -> region.bytes("name " + name, name);
          default -> region.condition("name " + name, region.mutex("name 0"));
        }
      }
      count(region);
      return region.directory().toString();
    }
  }

  private static void count(SharedRegion region) {
    SharedMutex mutex = region.mutex("name 0");
    ByteBuffer count = region.bytes("name 10", 10);
    mutex.lock();
    try {
      count.putInt(0, count.getInt(0) + 1);
    } finally {
      mutex.unlock();
    }
  }
}
