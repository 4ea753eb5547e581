// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;

/**
 * What up to three peers do, one after the other, with one mutex.
 *
 * <pre>
 *   a lock                    OK is the answer
 *   b trylock = EBUSY         another one is
 *   b lock ...                b sleeps, which ends by
 *   a unlock > b = OK         or by the death of a:
 *   a dies > b = EOWNERDEAD
 *   a unlock > bc             two sleeps end by this
 * </pre>
 *
 * <p>At first {@code a} makes the mutex, and at last C destroys it.
 *
 * @param kinds with which it works
 */
record Script(String name, Predicate<MutexKind> kinds, List<Step> steps) {
  /** With a deadline that is to pass; with one that is not. */
  private static final String SOON = "3";

  private static final String LATE = "60000";

  /**
   * @param sleeps whether the command is to sleep
   * @param next whose sleeps end by this step; empty for nobody's
   * @param answer of the peer; or, if there are any, of each of the next ones
   */
  record Step(char peer, String command, boolean sleeps, String next, String answer) {
    private static final Pattern FORM =
        Pattern.compile("(\\w) ([\\w-]+(?: \\d+)*)( \\.\\.\\.)?(?: > (\\w+))?(?: = (\\w+))?");

    static Step of(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(text);
      }
      return new Step(
          matcher.group(1).charAt(0),
          matcher.group(2),
          matcher.group(3) != null,
          matcher.group(4) == null ? "" : matcher.group(4),
          matcher.group(5) == null ? "OK" : matcher.group(5));
    }

    private boolean isDeath() {
      return command.equals("dies");
    }

    /** With the offset of what it is about after the verb. */
    private String command(long offset) {
      return command.contains(" ")
          ? command.replaceFirst(" ", " " + offset + " ")
          : command + " " + offset;
    }

    /**
     * Has it done.
     *
     * @param offset of the primitive
     * @param bytes where from there on a peer sleeps
     * @return the answer; of several, the first that was not expected
     */
    String play(Map<Character, Peer> peers, long offset, int bytes) {
      Peer self = peers.get(peer);
      String first = "OK";
      if (isDeath()) {
        self.die();
      } else if (sleeps) {
        self.tellAndSleep(command(offset), offset, bytes);
        return answer;
      } else {
        first = self.ask(command(offset));
        if (command.equals("trylock") && first.equals("EDEADLK")) {
          first = "EBUSY"; // glibc says either to the owner, by kind; POSIX wants EBUSY
        }
      }
      if (next.isEmpty()) {
        return isDeath() ? answer : first;
      }
      return first.equals("OK") ? answerOfNext(peers) : first;
    }

    private String answerOfNext(Map<Character, Peer> peers) {
      return next.chars()
          .mapToObj(name -> peers.get((char) name).answer())
          .filter(found -> !found.equals(answer))
          .findFirst()
          .orElse(answer);
    }

    @Override
    public String toString() {
      return peer + " " + command + (sleeps ? " ..." : next.isEmpty() ? "" : " > " + next);
    }
  }

  private static Script of(String name, Predicate<MutexKind> kinds, String... steps) {
    return new Script(name, kinds, Stream.of(steps).map(Step::of).toList());
  }

  int peers() {
    return steps.stream().anyMatch(step -> step.peer == 'c') ? 3 : 2;
  }

  @Override
  public String toString() {
    return name;
  }

  private static boolean any(MutexKind kind) {
    return true;
  }

  /** Of the others C does not look whether the caller is the owner, and unlocking undefined. */
  private static boolean knowsItsOwner(MutexKind kind) {
    return !kind.equals(MutexKind.NORMAL);
  }

  static Stream<Script> all() {
    return Stream.of(
        of("free", Script::any, "a lock", "a unlock", "b lock", "b unlock", "a lock", "a unlock"),
        of(
            "contended",
            Script::any,
            "a lock",
            "b lock ...",
            "a unlock > b",
            "a trylock = EBUSY",
            "a lock ...",
            "b unlock > a",
            "a unlock",
            "b lock",
            "b unlock"),
        of(
            "two sleep",
            // Which of two gets it, and when the other is there again, is nobody's promise, except
            // with PI.
            MutexKind::priorityInheritance,
            "a lock",
            "b lock ...",
            "c lock ...",
            "a unlock > b",
            "b unlock > c",
            "c unlock"),
        of(
            "trylock",
            Script::any,
            "a trylock",
            "b trylock = EBUSY",
            "a unlock",
            "b trylock",
            "a trylock = EBUSY",
            "b unlock"),
        of(
            "deadlines",
            Script::any,
            "a timedlock " + LATE,
            "b timedlock " + SOON + " = ETIMEDOUT",
            "b clocklock " + SOON + " = ETIMEDOUT",
            "b timedlock " + LATE + " ...",
            "a unlock > b",
            "a timedlock " + SOON + " = ETIMEDOUT",
            "a clocklock " + LATE + " ...",
            "b unlock > a",
            "a unlock",
            "b clocklock " + LATE,
            "b unlock"),
        of(
            "again, normal",
            kind -> kind.again() == Again.NORMAL,
            "a lock",
            "a trylock = EBUSY",
            "a unlock"),
        of(
            "again, normal, until a deadline",
            // With PI the kernel sees the deadlock, of which Java tells and C does not.
            kind -> kind.again() == Again.NORMAL && !kind.priorityInheritance(),
            "a lock",
            "a timedlock " + SOON + " = ETIMEDOUT",
            "a unlock"),
        of(
            "again, recursive",
            kind -> kind.again() == Again.RECURSIVE,
            "a lock",
            "a lock",
            "a trylock",
            "a timedlock " + LATE,
            "b trylock = EBUSY",
            "a unlock",
            "a unlock",
            "a unlock",
            "b lock ...",
            "a lock",
            "a unlock",
            "a unlock > b",
            "a unlock = EPERM",
            "b lock",
            "b unlock",
            "b unlock"),
        of(
            "again, error-check",
            kind -> kind.again() == Again.ERROR_CHECK,
            "a lock",
            "a lock = EDEADLK",
            "a timedlock " + LATE + " = EDEADLK",
            "a trylock = EBUSY",
            "b lock ...",
            "a lock = EDEADLK",
            "a unlock > b",
            "b unlock"),
        of(
            "unlocked by others",
            Script::knowsItsOwner,
            "a unlock = EPERM",
            "a lock",
            "b unlock = EPERM",
            "a unlock",
            "a unlock = EPERM"),
        of("nobody died", MutexKind::robust, "a lock", "a consistent = EINVAL", "a unlock"),
        of(
            "recovered",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "b consistent",
            "c trylock = EBUSY",
            "b unlock",
            "c lock",
            "c unlock"),
        of(
            "recovered after trylock",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b trylock = EOWNERDEAD",
            "b consistent",
            "c lock ...",
            "b unlock > c",
            "c unlock"),
        of(
            "recovered after timedlock",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b timedlock " + LATE + " = EOWNERDEAD",
            "c timedlock " + SOON + " = ETIMEDOUT",
            "b consistent",
            "b unlock",
            "c lock",
            "c unlock"),
        of(
            "recovered by one who slept",
            MutexKind::robust,
            "a lock",
            "b lock ...",
            "a dies > b = EOWNERDEAD",
            "c lock ...",
            "b consistent",
            "b unlock > c",
            "c unlock"),
        of(
            "two die",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "c clocklock " + LATE + " ...",
            "b dies > c = EOWNERDEAD",
            "c consistent",
            "c unlock"),
        of(
            "two die, one consistent",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "b consistent",
            "b dies",
            "c lock = EOWNERDEAD",
            "c consistent",
            "c unlock"),
        of(
            "given up",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "b unlock",
            "c lock = ENOTRECOVERABLE",
            "b timedlock " + LATE + " = ENOTRECOVERABLE"),
        of(
            "given up, trylock",
            // Without PI glibc's trylock answers so too, but keeps the word; see InteropDeathTest.
            kind -> kind.robust() && kind.priorityInheritance(),
            "a lock",
            "a dies",
            "b trylock = EOWNERDEAD",
            "b unlock",
            "c trylock = ENOTRECOVERABLE",
            "b trylock = ENOTRECOVERABLE"),
        of(
            "given up while one sleeps",
            MutexKind::robust,
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "c lock ...",
            "b unlock > c = ENOTRECOVERABLE",
            "c lock = ENOTRECOVERABLE"),
        of(
            "recursive, inherited",
            kind -> kind.robust() && kind.again() == Again.RECURSIVE,
            "a lock",
            "a lock",
            "a dies",
            "b lock = EOWNERDEAD",
            "b lock",
            "b consistent",
            "b unlock",
            "c trylock = EBUSY",
            "b unlock",
            "c lock",
            "c unlock"));
  }
}
