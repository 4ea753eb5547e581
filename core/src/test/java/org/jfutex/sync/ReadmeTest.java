// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.support.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example is compiled and run as it stands there, but for the name of the file. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void theExampleCountsItsRuns() throws IOException {
    Matcher example = JAVA_BLOCK.matcher(Files.readString(README));
    example.find();
    String[] parts = example.group(1).split("\n\n", 2);
    String statements = parts[1].replace("\"/dev/shm/counter\"", "args[0]");
    Path source =
        Files.writeString(
            folder.resolve("Hello.java"),
            parts[0]
                + "\nclass Hello { public static void main(String[] args) throws Exception {\n"
                + statements
                + "}}");
    String shared = folder.resolve("shared").toString();
    for (int run = 1; run <= 3; run++) {
      ChildJvm.Ended ended = ChildJvm.run(List.of(), source.toString(), shared);
      assertEquals("run number " + run + "\n", ended.output());
      assertEquals(0, ended.status());
    }
  }
}
