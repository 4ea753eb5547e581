// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.region.SharedRegion;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Eventually;
import org.jfutex.support.SharedFolder;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The C programs of README and site, compiled and run as they stand there, beside Java. */
class InteropDocumentsTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path SITE = Path.of("..", "src", "site", "markdown", "c.md");
  private static final List<String> STRICT =
      List.of("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic");

  private final SharedFolder folder = new SharedFolder();
  private final Path shared = folder.file("shared");

  @AfterEach
  void close() {
    folder.close();
  }

  private static String block(Path document, String language) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(document));
    block.find();
    return block.group(1);
  }

  private Path compile(String source) throws Exception {
    return CPrograms.compile(Files.writeString(folder.file("program.c"), source), STRICT);
  }

  /** What it prints. */
  private static String run(Path program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  /** As README's Java does, see ReadmeTest. */
  @Test
  void readmeCountsOn() throws Exception {
    Path program = compile(block(README, "c").replace("/dev/shm/counter", shared.toString()));
    assertEquals("run number 1\n", run(program));
    try (SharedRegion region = SharedRegion.open(shared)) {
      SharedMutex mutex = region.mutex("mutex");
      ByteBuffer count = region.bytes("count", Long.BYTES);
      mutex.lock();
      count.putLong(0, count.getLong(0) + 1);
      mutex.unlock();
    }
    assertEquals("run number 3\n", run(program));
  }

  @Test
  void theReaderReadsWhatTheWriterWrote() throws Exception {
    Path writer = compile(block(SITE, "c"));
    Path reader = Files.writeString(folder.file("Reader.java"), block(SITE, "java"));
    Actor<ChildJvm.Ended> java =
        Actor.start(() -> ChildJvm.run(List.of(), reader.toString(), shared.toString()));
    Eventually.until("the reader has begun", () -> java.isDone() || Files.exists(shared));
    assertEquals("", run(writer, shared.toString()));
    assertEquals("price 42\n", java.result().output());
    assertEquals(0, java.result().status());
  }
}
