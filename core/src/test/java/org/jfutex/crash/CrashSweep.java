// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Path;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.memory.MappedMemory;

/**
 * Every step of every scene, in one process: the victims are threads that the kernel ends. That is a thousand times as
 * quick as to end processes; that both die alike is {@link CrashPointsTest}'s to show.
 */
final class CrashSweep {
  private static final long STACK_BYTES = 256 << 10; // of a dead thread it is never freed
  private static final int TRIES_MAX = 1000;

  private CrashSweep() {}

  /**
   * Prints a line {@code scene tried steps} for each scene, and one that says it was the last.
   *
   * @param args path; of how many such processes this is which; of how many steps which one
   */
  public static void main(String[] args) throws IOException {
    Path path = Path.of(args[0]);
    int process = Integer.parseInt(args[1]);
    int processes = Integer.parseInt(args[2]);
    int first = Integer.parseInt(args[3]);
    int stride = Integer.parseInt(args[4]);
    CrashStage stage = new CrashStage(MappedMemory.open(path), path);
    for (int number = process; number < CrashScenes.ALL.size(); number += processes) {
      CrashScene scene = CrashScenes.ALL.get(number);
      if (scene.isOfProcess()) {
        continue;
      }
      int every = scene.isSampled() ? stride : 1;
      sweep(stage, scene, 1 + (first + number) % every, every);
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
        throw new AssertionError(CrashScenes.idOf(scene) + " has no end");
      }
    }
    if (scene.mustBeBarged() && stride == 1 && !barged) {
      throw new AssertionError(CrashScenes.idOf(scene) + ": no third got in");
    }
    System.out.println(CrashScenes.idOf(scene) + " " + tried + " " + steps);
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
