// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.util.Set;
import java.util.stream.Stream;
import org.jfutex.support.Kinds;
import org.jfutex.sync.MutexKind;

/** A {@link MutexAct} with a mutex of one kind. */
record MutexScene(MutexAct act, MutexKind kind) implements CrashScene {
  private static final Set<MutexAct> CAN_DIE_ASLEEP =
      Set.of(
          MutexAct.TAKE_OVER, MutexAct.TAKE_OVER_INTERRUPTIBLY, MutexAct.AWAIT, MutexAct.AWAIT_ALL);

  static CrashScene[] all() {
    return Stream.of(MutexAct.values())
        .flatMap(act -> Kinds.all().filter(act::suits).map(kind -> new MutexScene(act, kind)))
        .toArray(CrashScene[]::new);
  }

  @Override
  public String primitive() {
    return "mutex";
  }

  @Override
  public String name() {
    return act + "/" + kind.toString().replace(' ', '_');
  }

  @Override
  public boolean isSampled() {
    return !kind.equals(MutexKind.DEFAULT);
  }

  /** A PI mutex is handed on without a gap. */
  @Override
  public boolean mustBeBarged() {
    return act.barges && !kind.priorityInheritance();
  }

  @Override
  public boolean canDieAsleep() {
    return CAN_DIE_ASLEEP.contains(act);
  }

  @Override
  public void victim(CrashVictim self) throws InterruptedException {
    act.victim(new MutexVictim(self, kind));
  }

  @Override
  public void survivors(CrashPlay play) {
    new MutexPlay(play, act, kind).play();
  }
}
