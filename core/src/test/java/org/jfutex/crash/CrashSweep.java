// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Path;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Kinds;
import org.jfutex.sync.MutexKind;

/**
 * Every step of every scene, in one process: the victims are threads that the kernel ends. That is a thousand times as
 * quick as to end processes; that both die alike is {@link CrashPointsTest}'s to show.
 */
final class CrashSweep {
  private static final long STACK_BYTES = 256 << 10; // of a dead thread it is never freed
  private static final int TRIES_MAX = 1000;

  private CrashSweep() {}

  /**
   * Prints a line {@code scene kind tried steps} for each scene and kind, and one that says it was the last.
   *
   * @param args path; of how many such processes this is which; of how many steps which one
   */
  public static void main(String[] args) throws IOException {
    int process = Integer.parseInt(args[1]);
    int processes = Integer.parseInt(args[2]);
    int first = Integer.parseInt(args[3]);
    int stride = Integer.parseInt(args[4]);
    int number = 0;
    MappedMemory memory = MappedMemory.open(Path.of(args[0]));
    for (CrashScene scene : CrashScene.values()) {
      for (MutexKind kind : Kinds.all().filter(scene::suits).toList()) {
        number++;
        if (number % processes != process) {
          continue;
        }
        int every = kind.equals(MutexKind.DEFAULT) ? 1 : stride;
        sweep(new CrashStage(memory, kind), scene, 1 + (first + number) % every, every);
      }
    }
    System.out.println("swept");
    CrashSyscalls.killProcess(); // threads that are no more would not end with it
  }

  private static void sweep(CrashStage stage, CrashScene scene, int first, int stride) {
    int tried = 0;
    int steps = 1;
    boolean barged = false;
    for (int step = first; ; step += stride) {
      CrashPlay play = new CrashPlay(stage, scene, CrashSweep::start, step);
      if (!play.play()) {
        break;
      }
      steps = step;
      barged |= play.isBarged();
      if (++tried > TRIES_MAX) {
        throw new AssertionError(scene + " has no end");
      }
    }
    // A PI mutex is handed on without a gap.
    if (scene.barges && stride == 1 && !barged && !stage.kind.priorityInheritance()) {
      throw new AssertionError(scene + ": no third found the mutex free");
    }
    System.out.println(scene + " " + CrashKinds.nameOf(stage.kind) + " " + tried + " " + steps);
  }

  private static CrashPlay.Victim start(CrashStage stage, CrashScene scene, int step) {
    Thread thread =
        new Thread(
            null,
            () -> new CrashVictim(stage, scene, step, CrashSyscalls::endThread).play(),
            "victim",
            STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return new CrashPlay.Victim() {
      @Override
      public long pid() {
        return ProcessHandle.current().pid();
      }

      @Override
      public boolean isGone() {
        int tid = stage.get(CrashStage.VICTIM_TID);
        return tid != 0 && CrashProc.isGone(pid(), tid);
      }

      @Override
      public void kill() {
        throw new UnsupportedOperationException("a thread dies at a step");
      }
    };
  }
}
