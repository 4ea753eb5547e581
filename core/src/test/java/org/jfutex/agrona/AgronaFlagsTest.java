// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jfutex.memory.JvmFlags;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.ChildJvm;
import org.junit.jupiter.api.Test;

class AgronaFlagsTest {
  private static final List<String> FLAGS = JvmFlags.of(BlockingRingBuffer.class);

  @Test
  void theReadmeNamesTheFlags() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    assertEquals(1, FLAGS.size());
    FLAGS.forEach(flag -> assertTrue(readme.contains(flag), flag));
  }

  /** What somebody does who has not read about flags. */
  static final class WithoutFlags {
    public static void main(String[] arguments) {
      MappedMemory memory =
          MappedMemory.wrap(ByteBuffer.allocateDirect((int) BlockingRingBuffer.bytes(1024)));
      for (int use = 1; use <= 2; use++) {
        try {
          BlockingRingBuffer.manyToOne(memory, 0, 1024);
          System.out.println("works");
        } catch (UnsupportedOperationException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  void withoutItsFlagsTheErrorNamesThem() {
    ChildJvm.Ended without = ChildJvm.run(List.of(), WithoutFlags.class);
    List<String> said =
        without.output().lines().filter(line -> line.startsWith("Agrona could not")).toList();
    assertEquals(2, said.size(), without::toString);
    said.forEach(line -> assertTrue(line.endsWith(FLAGS.get(0)), line));
    ChildJvm.Ended with = ChildJvm.run(FLAGS, WithoutFlags.class);
    assertEquals(2, with.output().lines().filter("works"::equals).count(), with::toString);
  }
}
