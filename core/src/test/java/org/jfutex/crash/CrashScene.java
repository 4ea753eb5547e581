// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

/**
 * One death: what the victim does until it dies, and what the others do and must see. The same scene is played again
 * and again, with a death one step later each time, until the victim comes to its end.
 *
 * <p>The two sides have nothing in common but the {@link CrashStage}: they may be threads of one process or two
 * processes.
 */
interface CrashScene {
  /** What the scene is about, as the report names it. */
  String primitive();

  /** What happens; unlike that of all other scenes of the primitive. */
  String name();

  /** By the thread that dies: {@link CrashVictim#arm} tells from when on. */
  void victim(CrashVictim self) throws Exception;

  /**
   * By those who survive: has the victim started, and throws unless everybody goes on as documented. When it returns,
   * those that it started have to come to their ends.
   */
  void survivors(CrashPlay play) throws Exception;

  /** Whether the short form leaves steps out: of what is long and much like something else. */
  default boolean isSampled() {
    return false;
  }

  /** Whether only a process can die so, since what it holds is the process's, and not the thread's. */
  default boolean isOfProcess() {
    return false;
  }

  /** Whether the victim falls asleep in the middle, and can be killed there. */
  default boolean canDieAsleep() {
    return false;
  }

  /** Whether, of all its steps, there has to be one at which a third can barge in. */
  default boolean mustBeBarged() {
    return false;
  }
}
