// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jfutex.support.Kinds;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexKind.Again;

/** What up to three peers do, one after the other, with one primitive; the steps are those of a {@link Script}. */
record HeaderScript(String name, List<Script.Step> steps) {
  /** With a deadline that is to pass; with one that is not. */
  private static final String SOON = " 3";

  private static final String LATE = " 60000";

  /** A sleep that is over a millisecond long however late it begins: a doorbell keeps that in mind. */
  private static final String A_WHILE = " 60";

  private static HeaderScript of(String primitive, String name, String... steps) {
    return new HeaderScript(
        primitive + ", " + name,
        Stream.of(steps)
            .map(step -> step.replaceFirst("(?<=^\\w )(?!mutex-|dies)", primitive + "-"))
            .map(Script.Step::of)
            .toList());
  }

  int peers() {
    return steps.stream().anyMatch(step -> step.peer() == 'c') ? 3 : 2;
  }

  @Override
  public String toString() {
    return name;
  }

  static Stream<HeaderScript> all() {
    return Stream.of(
            mutexes(), conditions(), rwlocks(), events(), latches(), barriers(), doorbells())
        .flatMap(scripts -> scripts);
  }

  private static Stream<HeaderScript> mutexes() {
    return Kinds.all()
        .map(
            kind -> {
              int field = HeaderPeer.fieldOf(kind);
              int other = HeaderPeer.fieldOf(kind.robust(!kind.robust()));
              return of(
                  "mutex",
                  kind.toString(),
                  "a mutex-init " + field,
                  "b mutex-init " + field,
                  "b mutex-init " + other + " = EINVAL",
                  "a mutex-lock",
                  "b mutex-init " + field,
                  "b mutex-lock" + SOON + " = ETIMEDOUT",
                  "b mutex-lock" + LATE + " ...",
                  "a mutex-unlock > b",
                  "a mutex-lock ...",
                  "b mutex-unlock > a",
                  "a mutex-unlock",
                  "a mutex-init " + other + " = EINVAL");
            });
  }

  /** Robust PI mutexes need a recovery in Java, and with one nobody is told. */
  static Stream<MutexKind> kinds() {
    return Kinds.all().filter(kind -> !kind.robust() || !kind.priorityInheritance());
  }

  private static Stream<HeaderScript> conditions() {
    List<HeaderScript> scripts = new ArrayList<>();
    kinds()
        .forEach(
            kind -> {
              scripts.add(
                  ofCondition(
                      kind,
                      "nobody waits",
                      "a signal",
                      "a broadcast",
                      "a wait" + SOON + " = ETIMEDOUT",
                      "b mutex-lock" + SOON + " = ETIMEDOUT",
                      "a mutex-unlock",
                      "b wait = EPERM"));
              scripts.add(
                  ofCondition(
                      kind,
                      "signalled",
                      "a wait ...",
                      "b mutex-lock",
                      "b signal",
                      "b mutex-unlock > a",
                      "b mutex-lock" + SOON + " = ETIMEDOUT",
                      "a wait" + LATE + " ...",
                      "b signal = EPERM",
                      "b mutex-lock",
                      "b broadcast",
                      "b mutex-unlock > a",
                      "a mutex-unlock"));
              scripts.add(
                  ofCondition(
                      kind,
                      "two wait",
                      "a wait ...",
                      "b mutex-lock",
                      "b wait" + LATE + " ...",
                      "c mutex-lock",
                      "c signal",
                      "c mutex-unlock > a",
                      "a signal",
                      "a mutex-unlock > b",
                      "b mutex-unlock",
                      "c mutex-lock",
                      "c mutex-unlock"));
              if (kind.robust()) {
                scripts.add(
                    ofCondition(
                        kind,
                        "signalled by one that dies",
                        "a wait ...",
                        "b mutex-lock",
                        "b signal",
                        "b dies > a = EOWNERDEAD",
                        "a wait" + SOON + " = EINVAL",
                        "a mutex-consistent",
                        "a mutex-unlock"));
              }
              if (kind.again() == Again.RECURSIVE) {
                scripts.add(
                    ofCondition(
                        kind,
                        "held twice",
                        "a mutex-lock",
                        "a wait ...",
                        "b mutex-lock",
                        "b signal",
                        "b mutex-unlock > a",
                        "a mutex-unlock",
                        "b mutex-lock" + SOON + " = ETIMEDOUT",
                        "a mutex-unlock",
                        "b mutex-lock",
                        "b mutex-unlock"));
              }
            });
    return scripts.stream();
  }

  /** With a mutex that the first one made and took. */
  private static HeaderScript ofCondition(MutexKind kind, String name, String... steps) {
    List<String> all = new ArrayList<>();
    all.add("a mutex-init " + HeaderPeer.fieldOf(kind));
    all.add("a mutex-lock");
    all.addAll(List.of(steps));
    return of("condition", kind + ", " + name, all.toArray(String[]::new));
  }

  private static Stream<HeaderScript> rwlocks() {
    return Stream.of(
        of(
            "rwlock",
            "readers share",
            "a rdlock",
            "b rdlock" + LATE,
            "a tryrdlock",
            "c trywrlock = EBUSY",
            "c wrlock" + SOON + " = ETIMEDOUT",
            "c rdlock",
            "a unlock",
            "b unlock",
            "c unlock",
            "a unlock",
            "a unlock = EPERM",
            "b wrlock",
            "b unlock"),
        of(
            "rwlock",
            "a writer excludes",
            "a wrlock" + LATE,
            "b tryrdlock = EBUSY",
            "b trywrlock = EBUSY",
            "b rdlock" + SOON + " = ETIMEDOUT",
            "b wrlock" + SOON + " = ETIMEDOUT",
            "a unlock",
            "b trywrlock",
            "b unlock",
            "a rdlock",
            "a unlock"),
        of(
            "rwlock",
            "a reader waits",
            "a wrlock",
            "b rdlock ...",
            "c rdlock" + LATE + " ...",
            "a unlock > bc",
            "b unlock",
            "c unlock"),
        of(
            "rwlock",
            "a writer waits",
            "a rdlock",
            "b wrlock ...",
            "c rdlock" + SOON + " = ETIMEDOUT",
            "c tryrdlock",
            "c unlock",
            "a unlock > b",
            "a wrlock" + LATE + " ...",
            "b unlock > a",
            "a unlock"),
        of(
            "rwlock",
            "writers go first",
            "a wrlock",
            "b rdlock ...",
            "c wrlock ...",
            "a unlock > c",
            "a wrlock ...",
            "c unlock > a",
            "a unlock > b",
            "b unlock"));
  }

  private static Stream<HeaderScript> events() {
    return Stream.of(
        of(
            "event",
            "manual reset",
            "a wait" + SOON + " = ETIMEDOUT",
            "a set",
            "b wait",
            "c wait" + LATE,
            "a reset",
            "b wait ...",
            "c wait" + LATE + " ...",
            "a set > bc",
            "a set",
            "b wait",
            "a reset",
            "b wait" + SOON + " = ETIMEDOUT"),
        of(
            "event",
            "auto reset",
            "a take" + SOON + " = ETIMEDOUT",
            "a set-auto",
            "a set-auto",
            "b take",
            "b take ...",
            "c take" + LATE + " ...",
            "a set-auto > b",
            "a set-auto > c",
            "b take" + SOON + " = ETIMEDOUT",
            "a set-auto",
            "a reset",
            "b take" + SOON + " = ETIMEDOUT"));
  }

  private static Stream<HeaderScript> latches() {
    return Stream.of(
        of(
            "latch",
            "opens",
            "a init 3",
            "b init 3",
            "b init 4 = EINVAL",
            "c init 3",
            "a wait" + SOON + " = ETIMEDOUT",
            "a count-down",
            "b wait ...",
            "c wait" + LATE + " ...",
            "a count-down",
            "a count-down > bc",
            "a wait",
            "b count-down",
            "a wait" + SOON));
  }

  private static Stream<HeaderScript> barriers() {
    return Stream.of(
        of(
            "barrier",
            "trips",
            "a init 3",
            "b init 3",
            "c init 2 = EINVAL",
            "c init 3",
            "a wait ...",
            "b wait" + LATE + " ...",
            "c wait > ab",
            "c wait ...",
            "b wait ...",
            "a wait" + LATE + " > bc"),
        of(
            "barrier",
            "is broken",
            "a init 2",
            "b init 2",
            "a wait" + SOON + " = ETIMEDOUT",
            "a wait = ECANCELED",
            "b wait" + LATE + " = ECANCELED",
            "b reset",
            "a wait ...",
            "b wait > a",
            "b wait ...",
            "a reset > b = ECANCELED",
            "a reset",
            "b wait ...",
            "a wait > b"));
  }

  private static Stream<HeaderScript> doorbells() {
    return Stream.of(
        of(
            "doorbell",
            "rings",
            "a init",
            "b init",
            "c init",
            "a ring",
            "a await" + A_WHILE + " = ETIMEDOUT",
            "b await ...",
            "a publish > b",
            "c await" + LATE,
            "a withdraw",
            "b await ...",
            "c await" + LATE + " ...",
            "a publish > bc",
            "c withdraw",
            "a await ...",
            "b publish > a",
            "a withdraw",
            "b await" + SOON + " = ETIMEDOUT"));
  }
}
