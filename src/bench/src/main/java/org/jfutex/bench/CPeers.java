// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The peers in C, compiled on the spot into a temporary folder: the same machine, C library and kernel headers. */
final class CPeers implements AutoCloseable {
  private static final List<String> COMPILERS = List.of("gcc", "cc");
  private static final String SOURCE = "futex-peer.c";

  private final Path folder;
  private final Path executable;

  private CPeers(Path folder, Path executable) {
    this.folder = folder;
    this.executable = executable;
    // For a run that is interrupted; the last one first, so the folder is empty when it goes.
    folder.toFile().deleteOnExit();
    executable.toFile().deleteOnExit();
    folder.resolve(SOURCE).toFile().deleteOnExit();
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
    Path folder = Files.createTempDirectory("jfutex-bench");
    CPeers peers = new CPeers(folder, folder.resolve("futex-peer"));
    try {
      peers.compileWith(compiler);
      return peers;
    } catch (IOException e) {
      peers.close();
      throw e;
    }
  }

  private void compileWith(Path compiler) throws IOException {
    Path source = folder.resolve(SOURCE);
    try (InputStream in = CPeers.class.getResourceAsStream("c/" + SOURCE)) {
      Files.copy(in, source);
    }
    Process process =
        new ProcessBuilder(
                compiler.toString(),
                "-std=gnu11",
                "-O2",
                "-Wall",
                "-o",
                executable.toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(compiler + " refused " + SOURCE + ": " + output);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + compiler + " ran", e);
    }
  }

  /** The command line of one peer on the word at an offset of a file. */
  List<String> command(String operation, SharedFile file, int offset) {
    return List.of(
        executable.toString(), operation, file.path().toString(), Integer.toString(offset));
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
