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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Programs in C and C++, compiled once a JVM. Without a compiler the test that asks for one is skipped. */
final class CPrograms {
  /** Where the sources are; set by the build. */
  private static final String PROPERTY = "jfutex.test.c";

  private static final List<String> C = List.of("cc", "gcc");
  private static final List<String> CPP = List.of("c++", "g++");

  /** As POSIX programs with GNU's functions are compiled; what is more than that is in the program. */
  static final List<String> GNU11 = List.of("-std=gnu11", "-Wall", "-Wextra", "-Werror");

  private static final Map<List<String>, Path> COMPILED = new HashMap<>();
  private static final Set<String> SAID = new HashSet<>();

  private CPrograms() {}

  /** The executable of a source in {@code src/c}. */
  static Path compile(String source, List<String> flags) throws IOException, InterruptedException {
    Path path = Path.of(System.getProperty(PROPERTY, "../src/c"), source);
    assertTrue(Files.exists(path), () -> "no " + path + "; system property " + PROPERTY);
    return compile(path, flags);
  }

  /** The executable of any source, which may include headers of {@code src/c}. */
  static synchronized Path compile(Path source, List<String> flags)
      throws IOException, InterruptedException {
    Path compiler = compiler(source.toString().endsWith(".c") ? C : CPP);
    List<String> command = new ArrayList<>(List.of(compiler.toString(), "-O2", "-pthread"));
    command.addAll(flags);
    command.addAll(List.of("-I", System.getProperty(PROPERTY, "../src/c"), source.toString()));
    Path compiled = COMPILED.get(command);
    if (compiled == null) {
      compiled = run(command);
      COMPILED.put(List.copyOf(command), compiled);
    }
    return compiled;
  }

  private static Path compiler(List<String> names) {
    Optional<Path> compiler =
        names.stream()
            .flatMap(
                name ->
                    Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    String missing =
        "Tests of C and Java together are skipped: found no compiler, neither "
            + String.join(" nor ", names)
            + ", on the PATH";
    if (compiler.isEmpty() && SAID.add(missing)) {
      System.err.println(missing); // a build shows what failed, not why something was skipped
    }
    assumeTrue(compiler.isPresent(), missing);
    return compiler.get();
  }

  private static Path run(List<String> command) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("jfutex-c-");
    folder.toFile().deleteOnExit();
    Path program = folder.resolve("program");
    program.toFile().deleteOnExit();
    List<String> withOutput = new ArrayList<>(command);
    withOutput.addAll(List.of("-o", program.toString()));
    Process process = new ProcessBuilder(withOutput).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return program;
  }
}
