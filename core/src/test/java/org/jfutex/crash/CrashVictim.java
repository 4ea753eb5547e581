// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.MappedMemory;

/** The thread that dies: how it gets to its step. */
final class CrashVictim {
  private static final long LIFE_SECONDS = 180;

  final CrashStage stage;
  final int tid = FutexSyscalls.system().gettid();
  private final CrashScene scene;
  private final int step;
  private final Runnable death;

  CrashVictim(CrashStage stage, CrashScene scene, int step, Runnable death) {
    this.stage = stage;
    this.scene = scene;
    this.step = step;
    this.death = death;
  }

  /** A process with one victim: path, scene, step. */
  public static void main(String[] args) throws IOException {
    Thread watchdog =
        new Thread(
            () -> {
              LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(LIFE_SECONDS));
              CrashSyscalls.killProcess(); // whoever started it is not there any more
            });
    watchdog.setDaemon(true);
    watchdog.start();
    Path path = Path.of(args[0]);
    new CrashVictim(
            new CrashStage(MappedMemory.open(path), path),
            CrashScenes.of(args[1]),
            Integer.parseInt(args[2]),
            CrashSyscalls::killProcess)
        .play();
  }

  void play() {
    stage.set(CrashStage.VICTIM_TID, tid);
    try {
      scene.victim(this);
      CrashPoint.at("the end", this);
      stage.set(CrashStage.DONE, 1);
    } catch (Exception | Error e) {
      CrashPoint.disarm();
      e.printStackTrace();
      stage.set(CrashStage.DONE, 2);
    } finally {
      CrashPoint.disarm();
    }
  }

  /** From here each step may be the last. */
  void arm() {
    arm(lastStep -> {});
  }

  /** As {@link #arm()}; a dying victim says first what only it knows. */
  void arm(Consumer<String> lastWords) {
    CrashPoint.arm(
        step,
        lastStep -> {
          lastWords.accept(lastStep);
          stage.writeLastWords(lastStep);
          if (stage.get(CrashStage.BARGE) == CrashStage.BARGE_WANTED) {
            stage.set(CrashStage.BARGE, CrashStage.BARGE_NOW);
            awaitCell(CrashStage.BARGE, CrashStage.BARGE_TRIED);
          }
        },
        death);
  }

  /** Says how far it is, and waits until it is told to go on. */
  void reach(int phase) {
    stage.set(CrashStage.PHASE, phase);
    awaitCell(CrashStage.GO, phase);
  }

  private void awaitCell(int cell, int value) {
    while (stage.get(cell) < value) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(50));
    }
  }

  /** Has this thread interrupted once it sleeps, by another one that does not die with it. */
  void interruptWhenAsleep() {
    Thread self = Thread.currentThread();
    long pid = ProcessHandle.current().pid();
    Thread other =
        new Thread(
            () -> {
              while (!CrashProc.isGone(pid, tid) && stage.get(CrashStage.DONE) == 0) {
                if (CrashProc.isAsleep(pid, tid)) {
                  self.interrupt();
                  return;
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(50));
              }
            });
    other.setDaemon(true);
    other.start();
  }
}
