// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.util.Objects;

/**
 * What a mutex is: what it does when its owner takes it again, whether it survives its owner, whether its owner
 * inherits the priority of who waits. As the {@code kind} field of a {@code pthread_mutex_t} has it.
 *
 * <pre>
 *   bits 0-1  0 normal, 1 recursive, 2 error-check, 3 adaptive (taken as normal)
 *   bit  4    robust
 *   bit  5    priority inheritance
 *   bit  6    priority protection: refused
 *   bit  7    process-shared: required
 *   bits 8-9  hints for lock elision: ignored
 * </pre>
 *
 * @param again what a second {@code lock()} of the owner does
 * @param robust whether the kernel hands the mutex on when its owner dies
 * @param priorityInheritance whether the owner runs with the priority of the most urgent thread that waits
 */
public record MutexKind(Again again, boolean robust, boolean priorityInheritance) {
  /** What happens when the owner takes the mutex again; in the order of the kind field. */
  public enum Again {
    /** It waits for itself, for ever. */
    NORMAL,
    /** It holds it twice. */
    RECURSIVE,
    /** It gets a {@link DeadlockException}. */
    ERROR_CHECK
  }

  /** No checks beyond what costs nothing: the owner hangs if it takes the mutex again. */
  public static final MutexKind NORMAL = new MutexKind(Again.NORMAL, false, false);

  /** As {@code ReentrantLock}. */
  public static final MutexKind RECURSIVE = new MutexKind(Again.RECURSIVE, false, false);

  /** The owner is told when it takes the mutex again. */
  public static final MutexKind ERROR_CHECK = new MutexKind(Again.ERROR_CHECK, false, false);

  /** What a mutex is unless asked otherwise: it checks, and it survives its owner. */
  public static final MutexKind DEFAULT = ERROR_CHECK.robust(true);

  private static final int AGAIN_MASK = 3;
  private static final int ADAPTIVE = 3;
  private static final int ROBUST = 16;
  private static final int PRIORITY_INHERITANCE = 32;
  private static final int PRIORITY_PROTECTION = 64;
  private static final int PROCESS_SHARED = 128;
  private static final int ELISION_HINTS = 256 | 512;
  private static final int KNOWN =
      AGAIN_MASK | ROBUST | PRIORITY_INHERITANCE | PROCESS_SHARED | ELISION_HINTS;

  /** As every record's, written out: the first call of one that the JVM makes up takes 20 ms or more of a start. */
  @Override
  public boolean equals(Object other) {
    return other instanceof MutexKind kind
        && again == kind.again
        && robust == kind.robust
        && priorityInheritance == kind.priorityInheritance;
  }

  @Override
  public int hashCode() {
    return Objects.hash(again, robust, priorityInheritance);
  }

  /** The same, robust or not. */
  public MutexKind robust(boolean yes) {
    return new MutexKind(again, yes, priorityInheritance);
  }

  /** The same, with priority inheritance or without. */
  public MutexKind priorityInheritance(boolean yes) {
    return new MutexKind(again, robust, yes);
  }

  /** Whether the mutex knows its owner by a thread id, so that only platform threads can own it. */
  boolean isOwnedByThreadId() {
    return again != Again.NORMAL || robust || priorityInheritance;
  }

  /** Whether the count field is 1 while such a mutex is held. */
  boolean counts() {
    return again == Again.RECURSIVE || robust || priorityInheritance;
  }

  /** The {@code kind} field that says so. */
  public int toField() {
    return PROCESS_SHARED
        | again.ordinal()
        | (robust ? ROBUST : 0)
        | (priorityInheritance ? PRIORITY_INHERITANCE : 0);
  }

  /**
   * What a {@code kind} field says.
   *
   * @param where for the message
   * @throws IllegalArgumentException if the field is none of a mutex that processes can share
   */
  public static MutexKind ofField(int field, String where) {
    String problem = problemOf(field);
    if (problem != null) {
      throw new IllegalArgumentException(
          "the kind field of the mutex at "
              + where
              + " is 0x"
              + Integer.toHexString(field)
              + ": "
              + problem);
    }
    int again = field & AGAIN_MASK;
    return new MutexKind(
        Again.values()[again == ADAPTIVE ? 0 : again],
        (field & ROBUST) != 0,
        (field & PRIORITY_INHERITANCE) != 0);
  }

  /** Whether a {@code kind} field is one of a mutex that processes can share. */
  public static boolean isField(int field) {
    return problemOf(field) == null;
  }

  private static String problemOf(int field) {
    if ((field & PRIORITY_PROTECTION) != 0) {
      return "priority protection, which takes a ceiling that the kernel does not keep";
    }
    if ((field & ~KNOWN) != 0) {
      return "unknown bits";
    }
    if ((field & PROCESS_SHARED) == 0) {
      return "a process-private mutex or none at all; make it with pthread_mutexattr_setpshared(..,"
          + " PTHREAD_PROCESS_SHARED), or with SharedMutex.at over zeros";
    }
    return null;
  }

  /** {@code "robust error-check"}, {@code "PI recursive"}, {@code "normal"}. */
  @Override
  public String toString() {
    String name =
        switch (again) {
          case NORMAL -> "normal";
          case RECURSIVE -> "recursive";
          case ERROR_CHECK -> "error-check";
        };
    return (robust ? "robust " : "") + (priorityInheritance ? "PI " : "") + name;
  }
}
