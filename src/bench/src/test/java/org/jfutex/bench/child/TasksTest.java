// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is wrong on a command line is said. */
class TasksTest {
  private final Tasks tasks = new Tasks();

  @Test
  void unknownTaskTellsWhatThereIs() {
    assertRefused("found 'pang FILE 0', expected one of the tasks [", "pang", "FILE", "0");
    assertRefused(" pong, ", "pang");
    assertRefused("found ''");
  }

  @Test
  void argumentsAreThoseOfTheDeclaration() {
    assertRefused("found arguments [FILE], expected [FILE, OFFSET]", "ping", "FILE");
    assertRefused("expected [FILE, KIND, CPU...]", "threads", "FILE");
    List<String> declared = List.of("KIND", "CPU...");
    assertEquals(List.of(), new Arguments(declared, List.of("latch")).all("CPU"));
    Arguments three = new Arguments(declared, List.of("latch", "0", "1"));
    assertEquals("latch", three.text("KIND"));
    assertEquals(List.of("0", "1"), three.all("CPU"));
    assertThrows(IllegalStateException.class, three::offset);
  }

  private void assertRefused(String message, String... words) {
    Exception refusal =
        assertThrows(IllegalArgumentException.class, () -> tasks.run(List.of(words), null));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }
}
