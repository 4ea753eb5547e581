// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What survivors were told when they came to a mutex, in the order in which they got it. */
final class MutexVerdicts {
  /** What one was told. */
  enum Verdict {
    ACQUIRED,
    OWNER_DIED,
    NOT_RECOVERABLE,
    OWNER_NOT_FOUND
  }

  /**
   * @param after whether the victim was dying by then
   */
  private record Seen(int mutex, Verdict verdict, boolean after) {}

  private final MutexStage stage;
  private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());

  MutexVerdicts(MutexStage stage) {
    this.stage = stage;
  }

  /** By who holds the mutex, if he got it. */
  void add(int mutex, Verdict verdict) {
    seen.add(new Seen(mutex, verdict, stage.stage.get(CrashStage.DYING) != 0));
  }

  /**
   * Throws unless those who came to a mutex saw what they had to.
   *
   * @param ownersDead beside the victim
   */
  void check(int number, int ownersDead) {
    List<Verdict> before = verdicts(number, false);
    List<Verdict> after = verdicts(number, true);
    if (Collections.frequency(before, Verdict.OWNER_DIED) > ownersDead) {
      throw new AssertionError("somebody was told of a death before there was one");
    }
    if (stage.stage.get(CrashStage.DYING) != 0) {
      checkAfterDeath(number, after);
    }
    boolean forEver = after.contains(Verdict.OWNER_NOT_FOUND);
    if (!forEver && stage.stage.get(MutexStage.lockOf(number)) != 0) {
      throw new AssertionError("the last one left mutex " + number + " not free");
    }
  }

  private void checkAfterDeath(int number, List<Verdict> after) {
    int word = stage.stage.atDeath(MutexStage.lockOf(number));
    int lastOwner = stage.stage.atDeath(MutexStage.ownerOf(number));
    int told = Collections.frequency(after, Verdict.OWNER_DIED);
    boolean plain = stage.isPlain();
    int named = plain ? 0 : MutexStage.tidIn(word);
    boolean owned = named == stage.stage.get(CrashStage.VICTIM_TID);
    boolean marked = !plain && named == 0 && MutexStage.ownerDied(word);
    boolean right;
    if (!stage.kind.robust()) {
      right =
          told == (owned ? 1 : 0)
              || owned && Collections.frequency(after, Verdict.OWNER_NOT_FOUND) == after.size();
    } else if (lastOwner == MutexStage.NOT_RECOVERABLE) {
      right = Collections.frequency(after, Verdict.NOT_RECOVERABLE) == after.size();
    } else if (owned || marked) {
      right = told == 1 && after.get(0) == Verdict.OWNER_DIED;
    } else if (named != 0) {
      right = told <= 1; // a survivor had it, or one that was to die
    } else {
      right = told == 0;
    }
    if (!right || after.isEmpty()) {
      throw new AssertionError("wrong verdicts after the death, mutex " + number);
    }
  }

  private List<Verdict> verdicts(int number, boolean after) {
    synchronized (seen) {
      return seen.stream()
          .filter(each -> each.mutex() == number && each.after() == after)
          .map(Seen::verdict)
          .toList();
    }
  }

  @Override
  public String toString() {
    return seen.toString();
  }
}
