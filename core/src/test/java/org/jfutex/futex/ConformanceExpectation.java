// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.linux.Errno;

/** One statement of the table's column of expected results. */
final class ConformanceExpectation {
  private static final Pattern COUNT =
      Pattern.compile("(woken|blocked|timedout)\\((\\w+)\\)=(\\d+)");
  private static final Pattern ELAPSED = Pattern.compile("elapsed(>=|<)([\\d.]+)");
  private static final Pattern VALUE = Pattern.compile("(\\w+)(=|&)(.*)");
  private static final Pattern WORD = Pattern.compile("[A-Z]");
  private static final String BLOCKED = "blocked";

  /** What came of a scene so far. */
  interface Outcome {
    /** What main's calls and the actors' returned; no entry for an actor that has not returned. */
    Map<String, Integer> results();

    /** All actors, with or without a result. */
    Iterable<String> actors();

    int load(String word);

    int tid(String actor);

    double elapsedSeconds();
  }

  private final String text;
  private final Matcher count;
  private final Matcher elapsed;
  private final Matcher value;

  private ConformanceExpectation(String text) {
    this.text = text;
    count = COUNT.matcher(text);
    elapsed = ELAPSED.matcher(text);
    value = VALUE.matcher(text);
  }

  static ConformanceExpectation parse(String text) {
    ConformanceExpectation expectation = new ConformanceExpectation(text);
    if (!expectation.count.matches()
        && !expectation.elapsed.matches()
        && !expectation.value.matches()) {
      throw new IllegalArgumentException("no expectation: " + text);
    }
    return expectation;
  }

  /** Something that is true from the start and has to stay so; all else has to become true. */
  boolean isBlocked() {
    return count.matches() ? count.group(1).equals(BLOCKED) : text.endsWith("=" + BLOCKED);
  }

  /** A wait may end late on a busy machine, never early. */
  boolean isUpperBoundOfTime() {
    return elapsed.matches() && elapsed.group(1).equals("<");
  }

  /** Whether this says that a wait of {@code actor} ends by its deadline. */
  boolean expectsTimeoutOf(String actor) {
    if (count.matches()) {
      return count.group(1).equals("timedout") && belongs(actor, count.group(2));
    }
    return text.equals(actor + "=-ETIMEDOUT");
  }

  /** Empty if it is as expected, else what was found. */
  Optional<String> mismatch(Outcome outcome) {
    if (elapsed.matches()) {
      double limit = Double.parseDouble(elapsed.group(2));
      double found = outcome.elapsedSeconds();
      boolean kept = elapsed.group(1).equals("<") ? found < limit : found >= limit;
      return kept ? Optional.empty() : mismatch(found + " s");
    }
    if (count.matches()) {
      int found = count(outcome);
      return found == Integer.parseInt(count.group(3)) ? Optional.empty() : mismatch("" + found);
    }
    String name = value.group(1);
    boolean isWord = WORD.matcher(name).matches();
    Integer found = isWord ? Integer.valueOf(outcome.load(name)) : outcome.results().get(name);
    String wanted = value.group(3);
    if (wanted.equals(BLOCKED)) {
      return found == null ? Optional.empty() : mismatch(show(found));
    }
    if (found == null) {
      return mismatch(BLOCKED);
    }
    boolean bits = value.group(2).equals("&");
    boolean matches =
        Arrays.stream(wanted.split("\\s+or\\s+"))
            .mapToInt(w -> ConformanceExpression.value(w, outcome::tid))
            .anyMatch(w -> bits ? (found & w) == w : found == w);
    return matches ? Optional.empty() : mismatch(isWord ? Integer.toHexString(found) : show(found));
  }

  private int count(Outcome outcome) {
    int found = 0;
    for (String actor : outcome.actors()) {
      if (belongs(actor, count.group(2))) {
        Integer result = outcome.results().get(actor);
        boolean counts =
            switch (count.group(1)) {
              case "woken" -> result != null && result == 0;
              case "timedout" -> result != null && result == -Errno.ETIMEDOUT;
              default -> result == null;
            };
        found += counts ? 1 : 0;
      }
    }
    return found;
  }

  private static boolean belongs(String actor, String group) {
    return actor.matches(group + "\\d+");
  }

  private Optional<String> mismatch(String found) {
    return Optional.of("expected " + text + ", found " + found);
  }

  /** A result for people: {@code -EAGAIN} for -11. */
  static String show(int result) {
    return result < 0 && result >= -Errno.EOWNERDEAD ? "-" + Errno.name(-result) : "" + result;
  }

  @Override
  public String toString() {
    return text;
  }
}
