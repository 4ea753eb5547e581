// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jfutex.memory.MappedMemory;

/**
 * What follows the name of a task on the command line, by the words that its declaration has for them; and what was
 * opened for it, which is closed when it has ended.
 */
final class Arguments implements AutoCloseable {
  private static final String FILE = "FILE";
  private static final String OFFSET = "OFFSET";

  /** Behind the last one: there may be any number of it. */
  private static final String MORE = "...";

  private final List<String> parameters;
  private final List<String> values;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>(); // the last one first
  private MappedMemory memory; // null until it is asked for

  Arguments(List<String> parameters, List<String> values) {
    boolean fits =
        String.join("", parameters).endsWith(MORE)
            ? values.size() >= parameters.size() - 1
            : values.size() == parameters.size();
    if (!fits) {
      throw new IllegalArgumentException("found arguments " + values + ", expected " + parameters);
    }
    this.parameters = parameters;
    this.values = values;
  }

  String text(String parameter) {
    return values.get(index(parameter));
  }

  int number(String parameter) {
    return Integer.parseInt(text(parameter));
  }

  /** Those of the last one. */
  List<String> all(String parameter) {
    return values.subList(index(parameter + MORE), values.size());
  }

  private int index(String parameter) {
    int index = parameters.indexOf(parameter);
    if (index < 0) {
      throw new IllegalStateException("found no " + parameter + " among " + parameters);
    }
    return index;
  }

  Path file() {
    return Path.of(text(FILE));
  }

  /** The file, mapped; who still waits for one of its words when the task has ended is released then. */
  MappedMemory memory() throws IOException {
    if (memory == null) {
      memory = opened(MappedMemory.open(file()));
    }
    return memory;
  }

  /** Has it closed when the task has ended. */
  <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() throws IOException {
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IOException("could not close " + resource, e);
      }
    }
  }

  int offset() {
    return number(OFFSET);
  }
}
