// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The main of a child JVM, which plays one actor of a scene at a time. Its first argument names the backend.
 *
 * <pre>
 *   run KIND PATH CALLS    maps the file, makes the calls in a new thread; answers
 *                          "tid TID ADDRESS" before the last call, "result N" after it
 *   end                    ends that thread; answers "ended"
 * </pre>
 */
final class ConformancePeer {
  private static final long END_MILLIS = 10_000;

  private final ConformanceSubject subject;
  private FutexEngine engine;
  private ConformanceWorld world;
  private ConformanceActor actor;

  private ConformancePeer(ConformanceSubject subject) {
    this.subject = subject;
  }

  /** Runs until the standard input ends. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    ConformancePeer peer = new ConformancePeer(ConformanceSubject.kernel(arguments[0]));
    try (BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      say("ready");
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        String[] command = line.split(" ", 4);
        switch (command[0]) {
          case "run" -> peer.run(command[1], Path.of(command[2]), command[3]);
          case "end" -> peer.end();
          default -> throw new IllegalArgumentException(line);
        }
      }
    }
    // Whoever still waits waits for nobody.
    Runtime.getRuntime().halt(0);
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private void run(String kind, Path path, String text) throws IOException {
    engine = subject.engine();
    world = ConformanceWorld.open(kind, path);
    actor = new ConformanceActor("peer", subject, engine);
    List<ConformanceScript.Call> calls = ConformanceScript.calls(text);
    ConformanceOperations operations =
        new ConformanceOperations(subject, engine, world, name -> engine.currentTid(), false);
    actor.begin(
        () -> {
          int result = 0;
          for (int i = 0; i < calls.size(); i++) {
            if (i == calls.size() - 1) {
              say("tid " + engine.currentTid() + " " + world.memory().word(0).address());
            }
            result = operations.run(calls.get(i));
          }
          say("result " + result);
          return result;
        });
  }

  private void end() throws IOException, InterruptedException {
    actor.exit();
    world.close(engine);
    if (!actor.join(END_MILLIS)) {
      throw new IllegalStateException("the actor does not end");
    }
    say("ended");
  }
}
