// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The programs of {@code src/c}, compiled once a JVM. Without a C compiler the test that asks for one is skipped. */
final class CPrograms {
  /** Where the sources are; set by the build. */
  private static final String PROPERTY = "jfutex.test.c";

  private static final String MISSING =
      "Tests of C and Java together are skipped: found no C compiler, neither cc nor gcc, on the PATH";

  private static Path mutexPeer;
  private static boolean said;

  private CPrograms() {}

  /** The executable of {@code mutex-peer.c}. */
  static synchronized Path mutexPeer() throws IOException, InterruptedException {
    Optional<Path> compiler = compiler();
    if (compiler.isEmpty() && !said) {
      System.err.println(MISSING); // a build shows what failed, not why something was skipped
      said = true;
    }
    assumeTrue(compiler.isPresent(), MISSING);
    if (mutexPeer == null) {
      mutexPeer = compile(compiler.get(), "mutex-peer");
    }
    return mutexPeer;
  }

  private static Optional<Path> compiler() {
    return Stream.of("cc", "gcc")
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Path compile(Path compiler, String name) throws IOException, InterruptedException {
    Path source = Path.of(System.getProperty(PROPERTY, "../src/c"), name + ".c");
    assertTrue(Files.exists(source), () -> "no " + source + "; system property " + PROPERTY);
    Path folder = Files.createTempDirectory("jfutex-c-");
    folder.toFile().deleteOnExit();
    Path program = folder.resolve(name);
    program.toFile().deleteOnExit();
    Process process =
        new ProcessBuilder(
                List.of(
                    compiler.toString(),
                    "-O2",
                    "-std=gnu11",
                    "-Wall",
                    "-Wextra",
                    "-Werror",
                    "-pthread",
                    "-o",
                    program.toString(),
                    source.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return program;
  }
}
