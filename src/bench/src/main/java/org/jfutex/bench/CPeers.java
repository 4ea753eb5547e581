// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The peers in C, compiled on the spot into a temporary folder: the same machine, C library and kernel headers. */
final class CPeers implements AutoCloseable {
  private static final List<String> COMPILERS = List.of("gcc", "cc");
  private static final String FUTEX = "futex-peer";
  private static final String MUTEX = "mutex-peer";
  private static final String TURNS = "turns-peer";
  private static final String SEMAPHORE = "semaphore-peer";
  private static final String RWLOCK = "rwlock-peer";
  private static final String WORDS = "words-peer";
  private static final String CROWD = "crowd-peer";
  private static final List<String> PROGRAMS =
      List.of(FUTEX, MUTEX, TURNS, SEMAPHORE, RWLOCK, WORDS, CROWD);
  private static final List<String> HEADERS =
      List.of("peer.h", "contended.h", "futex.h", "mutex.h");
  private static final String SUFFIX = ".c";

  private final Path folder;

  private CPeers(Path folder) {
    this.folder = folder;
    // For a run that is interrupted; the last one first, so the folder is empty when it goes.
    folder.toFile().deleteOnExit();
    HEADERS.forEach(this::deleteOnExit);
    for (String name : PROGRAMS) {
      deleteOnExit(name);
      deleteOnExit(name + SUFFIX);
    }
  }

  private void deleteOnExit(String name) {
    folder.resolve(name).toFile().deleteOnExit();
  }

  /** The compiler, if there is one on the path. */
  static Optional<Path> compiler() {
    return COMPILERS.stream().flatMap(name -> onPath(name).stream()).findFirst();
  }

  /** A program on the path. */
  static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Compiles.
   *
   * @throws IOException if the compiler refuses, with what it says
   */
  static CPeers compile(Path compiler) throws IOException {
    CPeers peers = new CPeers(Files.createTempDirectory("jfutex-bench"));
    try {
      for (String header : HEADERS) {
        peers.unpack(header);
      }
      for (String program : PROGRAMS) {
        peers.compile(compiler, program);
      }
      return peers;
    } catch (IOException e) {
      peers.close();
      throw e;
    }
  }

  private Path unpack(String source) throws IOException {
    Path unpacked = folder.resolve(source);
    try (InputStream in = CPeers.class.getResourceAsStream("c/" + source)) {
      Files.copy(in, unpacked);
    }
    return unpacked;
  }

  private void compile(Path compiler, String name) throws IOException {
    Path source = unpack(name + SUFFIX);
    Process process =
        new ProcessBuilder(
                compiler.toString(),
                "-std=gnu11",
                "-O2",
                "-Wall",
                "-pthread",
                "-o",
                folder.resolve(name).toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(compiler + " refused " + source + ": " + output);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + compiler + " ran", e);
    }
  }

  /** The command line of one peer on the word at an offset of a file. */
  List<String> command(String operation, SharedFile file, int offset) {
    return command(FUTEX, List.of(operation, file.path().toString(), Integer.toString(offset)));
  }

  /** The command line of one that locks glibc's mutexes. */
  List<String> mutexes(String... arguments) {
    return command(MUTEX, List.of(arguments));
  }

  /** The command line of one that takes turns under one of glibc's mutexes. */
  List<String> turns(String... arguments) {
    return command(TURNS, List.of(arguments));
  }

  /** The command line of one that takes permits of glibc's semaphores. */
  List<String> semaphores(String... arguments) {
    return command(SEMAPHORE, List.of(arguments));
  }

  /** The command line of one that takes glibc's read-write locks. */
  List<String> readWriteLocks(String... arguments) {
    return command(RWLOCK, List.of(arguments));
  }

  /** The command line of one that uses glibc's barriers and conditions. */
  List<String> words(String... arguments) {
    return command(WORDS, List.of(arguments));
  }

  /** The command line of one with many sleepers, or many words. */
  List<String> crowds(String... arguments) {
    return command(CROWD, List.of(arguments));
  }

  private List<String> command(String name, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(folder.resolve(name).toString()));
    command.addAll(arguments);
    return command;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
