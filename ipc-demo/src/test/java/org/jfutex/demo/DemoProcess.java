// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The command line in a JVM of its own, as a user runs it. */
final class DemoProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;

  /** As ipc-demo/run does. */
  private static final List<String> FLAGS =
      Stream.of("agrona", "chronicle")
          .map(library -> "@../core/src/main/resources/org/jfutex/" + library + "/jvm.flags")
          .toList();

  private final Path out;
  private final Path err;
  final Process process;

  /** What a finished command left. */
  record Outcome(int status, String out, String err) {
    /** Stdout, which must be one JSON object and nothing else. */
    JsonObject json() throws IOException {
      JsonReader reader = new JsonReader(new StringReader(out));
      JsonElement only = JsonParser.parseReader(reader);
      assertTrue(only.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT, this::toString);
      return only.getAsJsonObject();
    }
  }

  private DemoProcess(Path folder, List<String> flags, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.jfutex.demo.Main"));
    command.addAll(List.of(args));
    out = Files.createTempFile(folder, "out", null);
    err = Files.createTempFile(folder, "err", null);
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
  }

  static DemoProcess start(Path folder, String... args) throws IOException {
    return new DemoProcess(folder, FLAGS, args);
  }

  static Outcome run(Path folder, String... args) throws Exception {
    return run(folder, FLAGS, args);
  }

  /**
   * @param flags of the JVM, instead of those that the launcher gives it
   */
  static Outcome run(Path folder, List<String> flags, String... args) throws Exception {
    try (DemoProcess demo = new DemoProcess(folder, flags, args)) {
      return demo.await();
    }
  }

  Outcome await() throws Exception {
    return await(LIMIT_SECONDS);
  }

  Outcome await(long seconds) throws Exception {
    assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), () -> "still runs: " + process.info());
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Ends it, and deletes what it could not delete itself if it was killed. */
  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    String left = ScratchFile.prefix(process.pid()) + "*";
    try (DirectoryStream<Path> files = Files.newDirectoryStream(ScratchFile.folder(), left)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
