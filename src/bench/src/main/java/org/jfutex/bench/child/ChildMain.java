// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.List;

/**
 * A JVM that measures one of the {@link Tasks} and is commanded over its stdin, as the peers in C are: it says "ready"
 * once it is warm; "slice MILLIS" runs the task for about so long and is answered by the value per operation, the share
 * of wakes that found a sleeper, what the threads that did least and most did of it, and perhaps by what single
 * operations took; the end of stdin ends it. A pong is commanded by its ping.
 */
public final class ChildMain {
  private ChildMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    Commands commands = new Commands();
    // Nobody else is to write where the answers go.
    System.setOut(System.err);
    CpuPin.pinWhoMeasures();
    Tasks.Work work = new Tasks().make(List.of(args));
    commands.sayReady();
    work.run(commands);
  }
}
