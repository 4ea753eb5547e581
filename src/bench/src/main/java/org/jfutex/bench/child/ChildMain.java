// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * A JVM that measures one of the {@link Tasks} and is commanded over its stdin, as the peers in C are: it says "ready"
 * once it is warm; "slice MILLIS" runs the task for about so long and is answered by the value per operation, the share
 * of wakes that found a sleeper, what the threads that did least and most did of it, and perhaps by what single
 * operations took; the end of stdin ends it. A pong is commanded by its ping.
 *
 * <p>Unlike those it can do another task then: "end" is answered by "ended" once nothing is left of the one that it
 * had, of a pong when its ping has ended; "task" and the words of one, tabulators between them, by "ready" again.
 */
public final class ChildMain {
  /** What it says when it is warm. */
  public static final String READY = "ready";

  /** Begins the command to measure for so many milliseconds. */
  public static final String SLICE = "slice ";

  /** The command to end a task. */
  public static final String END = "end";

  /** What it says when a task has ended. */
  public static final String ENDED = "ended";

  /** Begins the command to do another task. */
  public static final String TASK = "task ";

  /** Of that command: a path may have spaces in it. */
  public static final String BETWEEN_WORDS = "\t";

  private ChildMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    Commands commands = new Commands();
    // Nobody else is to write where the answers go.
    System.setOut(System.err);
    CpuPin.pinWhoMeasures();
    Tasks tasks = new Tasks();
    for (List<String> task = List.of(args); task != null; task = commands.nextTask()) {
      List<String> words = task;
      runInNewThread(() -> tasks.run(words, commands));
    }
  }

  /** So that what a task made of its thread, such as its CPU, ends with it. */
  private static void runInNewThread(Callable<Void> work) throws Exception {
    FutureTask<Void> task = new FutureTask<>(work);
    new Thread(task, "task").start();
    task.get();
  }
}
