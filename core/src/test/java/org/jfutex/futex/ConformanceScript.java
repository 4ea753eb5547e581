// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table's mini language: statements and calls. */
final class ConformanceScript {
  private static final Pattern STORE = Pattern.compile("([A-Z])=(.*)");
  private static final Pattern SPAWN = Pattern.compile("(?:(\\d+)\\*)?(\\w+):(.*)");
  private static final Pattern ASSIGNED_CALL = Pattern.compile("(\\w+)=(\\w+\\(.*)");
  private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)\\)");
  private static final Pattern PROCESS = Pattern.compile("p\\d*");

  private ConformanceScript() {}

  /** One statement. */
  sealed interface Statement permits Store, Spawn, Do {}

  /** {@code A=5}. */
  record Store(String word, String value) implements Statement {}

  /** {@code w1:op(args)}, {@code 10*w:op(args)}, {@code p1:op(args)&&op2(args)}. */
  record Spawn(List<String> actors, List<Call> calls, String text) implements Statement {
    boolean isProcess() {
      return ConformanceScript.isProcess(actors.get(0));
    }
  }

  /** {@code r1=op(args)}, by the main thread; {@code ret} if nothing is assigned. */
  record Do(String result, Call call) implements Statement {}

  /** {@code op(args)}. */
  record Call(String operation, List<String> arguments) {
    String argument(int index) {
      return arguments.get(index);
    }

    boolean has(int index) {
      return index < arguments.size();
    }

    /** This call with one argument replaced. */
    Call with(int index, String argument) {
      List<String> changed = new ArrayList<>(arguments);
      changed.set(index, argument);
      return new Call(operation, changed);
    }

    @Override
    public String toString() {
      return operation + arguments.stream().collect(Collectors.joining(",", "(", ")"));
    }
  }

  static boolean isProcess(String actor) {
    return PROCESS.matcher(actor).matches();
  }

  static List<String> statements(String text) {
    return Arrays.stream(text.split(";"))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .collect(Collectors.toList());
  }

  static Statement parse(String text) {
    Matcher store = STORE.matcher(text);
    if (store.matches()) {
      return new Store(store.group(1), store.group(2));
    }
    Matcher assigned = ASSIGNED_CALL.matcher(text);
    if (assigned.matches()) {
      return new Do(assigned.group(1), call(assigned.group(2)));
    }
    if (CALL.matcher(text).matches()) {
      return new Do("ret", call(text));
    }
    Matcher spawn = SPAWN.matcher(text);
    if (spawn.matches()) {
      return new Spawn(actors(spawn), calls(spawn.group(3)), spawn.group(3));
    }
    throw new IllegalArgumentException("no statement: " + text);
  }

  private static List<String> actors(Matcher spawn) {
    if (spawn.group(1) == null) {
      return List.of(spawn.group(2));
    }
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= Integer.parseInt(spawn.group(1)); i++) {
      names.add(spawn.group(2) + i);
    }
    return names;
  }

  static List<Call> calls(String text) {
    return Arrays.stream(text.split("&&"))
        .map(ConformanceScript::call)
        .collect(Collectors.toList());
  }

  private static Call call(String text) {
    Matcher call = CALL.matcher(text.strip());
    if (!call.matches()) {
      throw new IllegalArgumentException("no call: " + text);
    }
    return new Call(call.group(1), arguments(call.group(2)));
  }

  /** Split at commas outside of parentheses. */
  private static List<String> arguments(String text) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (c == ',' && depth == 0) {
        arguments.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    if (!text.isBlank()) {
      arguments.add(text.substring(start).strip());
    }
    return arguments;
  }
}
