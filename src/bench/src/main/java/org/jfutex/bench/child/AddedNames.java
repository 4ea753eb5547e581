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
 * Adds names to many: to a region, or to a folder as files. It adds a tenth as many as there are, or ten; then it
 * begins again with as many as at first. That is not timed, nor is the first name: it makes what a process adds any
 * with.
 */
final class AddedNames implements Task {
  private static final int PART = 10;
  private static final int LEAST = 10;
  private static final long WARM_UP_MILLIS = 500;

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

  private final Beginning many;
  private final int count;
  private final int end;
  private Object added; // or the JIT might not make it

  private AddedNames(Beginning many, int count) throws IOException {
    this.many = many;
    this.count = count;
    end = withAdded(count);
    slice(WarmUp.of(WARM_UP_MILLIS));
    slice(WarmUp.of(WARM_UP_MILLIS));
  }

  static void declare(Tasks tasks) {
    tasks.task(
        "region-add FILE NAMES",
        arguments -> {
          int count = arguments.number("NAMES");
          return new AddedNames(toRegion(arguments.file(), count), count);
        });
    tasks.task(
        "file-add FOLDER NAMES",
        arguments -> {
          int count = arguments.number("NAMES");
          return new AddedNames(asFiles(Path.of(arguments.text("FOLDER")), count), count);
        });
  }

  private static int withAdded(int count) {
    return count + 1 + Math.max(LEAST, count / PART);
  }

  /** Nothing is ever removed from a region, so each time it is a copy. */
  private static Beginning toRegion(Path file, int count) throws IOException {
    String[] names = ManyNames.names(withAdded(count));
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

  private static Beginning asFiles(Path folder, int count) throws IOException {
    Path[] files = ManyNames.paths(folder, withAdded(count));
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
        addAll(names, count, count + 1);
        long start = System.nanoTime();
        addAll(names, count + 1, end);
        nanos += System.nanoTime() - start;
      }
      times += end - count - 1;
    } while (System.nanoTime() - deadline < 0);
    return new Slice((double) nanos / times, 0);
  }

  private void addAll(Names names, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      added = names.add(i);
    }
  }
}
