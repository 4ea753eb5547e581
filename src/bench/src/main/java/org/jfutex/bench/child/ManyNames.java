// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfutex.region.SharedRegion;

/** Finds one of many locks by its name, each time any of them: in one region, or each a file of its own. */
final class ManyNames implements Loop.Operation {
  private static final long BYTES_A_NAME = 256;
  private static final long BYTES_OF_A_REGION = 4096;

  static void declare(Tasks tasks) {
    tasks.task(
        "region-names FILE NAMES",
        arguments -> Loop.ofCalls(inRegion(arguments, arguments.number("NAMES"))));
    tasks.task(
        "file-names FOLDER NAMES",
        arguments ->
            Loop.ofCalls(asFiles(Path.of(arguments.text("FOLDER")), arguments.number("NAMES"))));
  }

  private interface Names {
    Object find(int number) throws IOException;
  }

  private final Names names;
  private final int count;
  private final SplittableRandom random = new SplittableRandom(1);
  private Object found; // or the JIT would not look for it

  private ManyNames(Names names, int count) {
    this.names = names;
    this.count = count;
  }

  /** Of mutexes that it makes. */
  private static ManyNames inRegion(Arguments arguments, int count) throws IOException {
    String[] names = names(count);
    SharedRegion region =
        arguments.opened(SharedRegion.open(arguments.file(), bytesOfRegion(count)));
    for (String name : names) {
      region.mutex(name);
    }
    return new ManyNames(number -> region.mutex(names[number]), count);
  }

  /** Of files that it makes, empty: what a {@code FileChannel.lock} needs. */
  private static ManyNames asFiles(Path folder, int count) throws IOException {
    Path[] files = paths(folder, count);
    for (Path file : files) {
      if (Files.notExists(file)) {
        Files.createFile(file);
      }
    }
    return new ManyNames(number -> opened(files[number]), count);
  }

  static String[] names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "name-" + i).toArray(String[]::new);
  }

  /** So that so many names fit. */
  static long bytesOfRegion(int count) {
    return BYTES_OF_A_REGION + BYTES_A_NAME * count;
  }

  /** In a folder, which is there then. */
  static Path[] paths(Path folder, int count) throws IOException {
    Files.createDirectories(folder);
    return Stream.of(names(count)).map(folder::resolve).toArray(Path[]::new);
  }

  /** And closed, or there would soon be no more. */
  private static Object opened(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel;
    }
  }

  @Override
  public long run(long times) throws IOException {
    for (long i = 0; i < times; i++) {
      found = names.find(random.nextInt(count));
    }
    return 0;
  }
}
