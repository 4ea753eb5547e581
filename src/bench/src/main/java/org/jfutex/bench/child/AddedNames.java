// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jfutex.region.SharedRegion;

/**
 * Adds names to many: to a region, or to a folder as files. It adds a tenth as many as there are, 10 to 500; then it
 * begins again with as many as at first. That is not timed, nor is the first name: it makes what a process adds any
 * with.
 */
final class AddedNames implements Task {
  private static final int PART = 10;
  private static final int LEAST = 10;

  /** More would take longer than a slice. */
  private static final int MOST = 500;

  private static final int WARM_UP_NAMES = 1_000;
  private static final int WARM_UP_BEGINNINGS = 30;

  /** So many names, and more to come. */
  private interface Names extends AutoCloseable {
    Object add(int number) throws IOException;

    /** Without what was added. */
    @Override
    void close() throws IOException;
  }

  /** Begins with as many as at first. */
  private interface Beginning {
    Names begin() throws IOException;
  }

  /** Makes so many, and prepares for so many more. */
  private interface Maker {
    Beginning make(Path where, int count, int more) throws IOException;
  }

  private final Beginning many;
  private final int count;
  private final int more;
  private Object added; // or the JIT might not make it

  private AddedNames(Maker maker, Path where, int count, int more) throws IOException {
    many = maker.make(where, count, more);
    this.count = count;
    this.more = more;
  }

  static void declare(Tasks tasks) {
    tasks.task(
        "region-add FILE NAMES",
        arguments -> of(AddedNames::inRegion, arguments.file(), arguments.number("NAMES")));
    tasks.task(
        "file-add FOLDER NAMES",
        arguments ->
            of(AddedNames::asFiles, Path.of(arguments.text("FOLDER")), arguments.number("NAMES")));
  }

  /** Warm by many that are added to a few, again and again: else it takes the JIT minutes to see enough of them. */
  private static AddedNames of(Maker maker, Path where, int count) throws IOException {
    Path warm = where.resolveSibling(where.getFileName() + ".warm");
    AddedNames warmUp = new AddedNames(maker, warm, LEAST, WARM_UP_NAMES);
    for (int i = 0; i < WarmUp.of(WARM_UP_BEGINNINGS); i++) {
      warmUp.slice(0);
    }
    return new AddedNames(maker, where, count, 1 + Math.min(MOST, Math.max(LEAST, count / PART)));
  }

  /** Nothing is ever removed from a region, so each time it is a copy. */
  private static Beginning inRegion(Path file, int count, int more) throws IOException {
    String[] names = ManyNames.names(count + more);
    long bytes = ManyNames.bytesOfRegion(names.length);
    try (SharedRegion region = SharedRegion.open(file, bytes)) {
      IntStream.range(0, count).forEach(i -> region.mutex(names[i]));
    }
    Path copy = file.resolveSibling(file.getFileName() + ".copy");
    return () -> {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      SharedRegion region = SharedRegion.open(copy, bytes);
      return new Names() {
        @Override
        public Object add(int number) {
          return region.mutex(names[number]);
        }

        @Override
        public void close() {
          region.close();
        }
      };
    };
  }

  private static Beginning asFiles(Path folder, int count, int more) throws IOException {
    Path[] files = ManyNames.paths(folder, count + more);
    for (int i = 0; i < count; i++) {
      Files.createFile(files[i]);
    }
    return () ->
        new Names() {
          @Override
          public Object add(int number) throws IOException {
            return Files.createFile(files[number]);
          }

          @Override
          public void close() throws IOException {
            for (int i = count; i < files.length; i++) {
              Files.delete(files[i]);
            }
          }
        };
  }

  @Override
  public Slice slice(long millis) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long nanos = 0;
    long times = 0;
    do {
      try (Names names = many.begin()) {
        names.add(count);
        long start = System.nanoTime();
        addTo(names);
        nanos += System.nanoTime() - start;
      }
      times += more - 1;
    } while (System.nanoTime() - deadline < 0);
    return new Slice((double) nanos / times, 0);
  }

  private void addTo(Names names) throws IOException {
    for (int i = count + 1; i < count + more; i++) {
      added = names.add(i);
    }
  }
}
