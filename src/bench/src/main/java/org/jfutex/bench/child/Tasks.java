// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a child can be told to do, by name. Each theme declares its tasks beside the operations that they are made of,
 * with what follows the name on the command line: {@code mutex-uncontended FILE KIND}; the last one may be
 * {@code CPU...}, any number of them.
 *
 * <p>A JVM has one task mostly, and to load all the others would take a sixth of its start: so a theme is a lambda and
 * no method reference, which would load its class, and is asked only if those before it do not have the task.
 */
final class Tasks {
  private static final List<Consumer<Tasks>> THEMES =
      List.of(
          tasks -> MutexOperations.declare(tasks),
          tasks -> MutexHandOff.declare(tasks),
          tasks -> OwnerDeath.declare(tasks),
          tasks -> SemaphoreOperations.declare(tasks),
          tasks -> ReadWriteOperations.declare(tasks),
          tasks -> SharedWordOperations.declare(tasks),
          tasks -> CrowdOperations.declare(tasks),
          tasks -> AnyOperations.declare(tasks),
          tasks -> ConditionOperations.declare(tasks),
          tasks -> WordsOperations.declare(tasks),
          tasks -> MeetingTask.declare(tasks),
          tasks -> DoorbellOperations.declare(tasks),
          tasks -> ChannelOperations.declare(tasks),
          tasks -> AsyncOperations.declare(tasks),
          tasks -> ThreadTeam.declare(tasks),
          tasks -> HandOff.declare(tasks),
          tasks -> ManyNames.declare(tasks),
          tasks -> AddedNames.declare(tasks),
          tasks -> InterruptTask.declare(tasks),
          tasks -> JmhTask.declare(tasks),
          tasks -> AllocationTask.declare(tasks),
          tasks -> OfferTask.declare(tasks),
          tasks -> IdleTask.declare(tasks),
          tasks -> MessageTask.declare(tasks));

  private final Map<String, Declared> known = new LinkedHashMap<>();
  private final Iterator<Consumer<Tasks>> unasked = THEMES.iterator();

  /** What is warm once it is made, and then does as it is commanded, to its end. */
  private interface Work {
    void run(Commands commands) throws Exception;
  }

  /** What a ping commands, until it ends. */
  interface Pong {
    void run() throws Exception;
  }

  /** Makes a task of its arguments. */
  interface Maker<T> {
    T make(Arguments arguments) throws Exception;
  }

  private record Declared(List<String> parameters, Maker<Work> maker) {}

  /** Declares what runs slice by slice. */
  void task(String usage, Maker<Task> maker) {
    declare(
        usage,
        arguments -> {
          Task task = maker.make(arguments);
          return commands -> {
            try (task) {
              commands.serve(task);
            }
          };
        });
  }

  /** Declares the other side of a ping. */
  void pong(String usage, Maker<Pong> maker) {
    declare(
        usage,
        arguments -> {
          Pong pong = maker.make(arguments);
          return commands -> {
            pong.run();
            commands.awaitEnd();
          };
        });
  }

  private void declare(String usage, Maker<Work> maker) {
    List<String> words = List.of(usage.split(" "));
    if (known.put(words.get(0), new Declared(words.subList(1, words.size()), maker)) != null) {
      throw new IllegalStateException("there are two tasks of the name " + words.get(0));
    }
  }

  /**
   * Does one, from its start to its end.
   *
   * @param words its name and its arguments
   */
  Void run(List<String> words, Commands commands) throws Exception {
    String name = words.isEmpty() ? "" : words.get(0);
    while (!known.containsKey(name) && unasked.hasNext()) {
      unasked.next().accept(this);
    }
    Declared declared = known.get(name);
    if (declared == null) {
      throw new IllegalArgumentException(
          "found '" + String.join(" ", words) + "', expected one of the tasks " + known.keySet());
    }
    List<String> values = words.subList(1, words.size());
    try (Arguments arguments = new Arguments(declared.parameters, values)) {
      Work work = declared.maker.make(arguments);
      commands.sayReady();
      work.run(commands);
    }
    return null;
  }
}
