// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/** The thread that dies: what a scene makes it do, and how it gets to its step. */
final class CrashVictim {
  private static final long LIFE_SECONDS = 180;

  final CrashStage stage;
  private final CrashScene scene;
  private final int step;
  private final Runnable death;
  private final int tid = FutexSyscalls.system().gettid();
  private boolean owns; // between two calls; within one the step tells

  CrashVictim(CrashStage stage, CrashScene scene, int step, Runnable death) {
    this.stage = stage;
    this.scene = scene;
    this.step = step;
    this.death = death;
  }

  /** A process with one victim: path, kind, scene, step. */
  public static void main(String[] args) throws IOException {
    Thread watchdog =
        new Thread(
            () -> {
              LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(LIFE_SECONDS));
              CrashSyscalls.killProcess(); // whoever started it is not there any more
            });
    watchdog.setDaemon(true);
    watchdog.start();
    CrashStage stage = new CrashStage(MappedMemory.open(Path.of(args[0])), CrashKinds.of(args[1]));
    new CrashVictim(
            stage,
            CrashScene.valueOf(args[2]),
            Integer.parseInt(args[3]),
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
    CrashPoint.arm(step, this::sayLastWords, death);
  }

  private void sayLastWords(String lastStep) {
    stage.set(CrashStage.OWNED, ownsAt(lastStep) ? 1 : 0);
    stage.writeLastWords(lastStep);
    if (scene.barges) {
      stage.set(CrashStage.BARGE, 1);
      awaitCell(CrashStage.BARGE, 2);
    }
  }

  /**
   * A word without a thread id does not say whether the victim took it. But bookkeeping is done by owners alone, and an
   * owner gives the word back by an exchange in the slot.
   */
  private boolean ownsAt(String lastStep) {
    return owns || lastStep.startsWith("Slot.") && !lastStep.equals("Slot.compareAndSet");
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

  SharedMutex mutex(int number) {
    return stage.mutex(number, mutex -> stage.repair(number));
  }

  SharedMutex mutexWithoutRecovery() {
    return stage.mutex(0, null);
  }

  void take(SharedMutex mutex, int number) {
    taken(mutex, mutex.acquire(), number);
  }

  void taken(SharedMutex mutex, Acquisition result, int number) {
    if (result != Acquisition.ACQUIRED && result != Acquisition.OWNER_DIED) {
      throw new AssertionError(result);
    }
    owns = true;
    if (result == Acquisition.OWNER_DIED) {
      stage.repair(number);
      if (mutex.kind().robust()) {
        mutex.makeConsistent();
      }
    }
    stage.checkWhole(number);
  }

  void workAndUnlock(SharedMutex mutex, int number) {
    owns = true;
    stage.work(number, tid);
    unlock(mutex);
  }

  void unlock(SharedMutex mutex) {
    owns = false;
    mutex.unlock();
  }

  void consumeToken(SharedMutex mutex, Waiting waiting) throws InterruptedException {
    SharedCondition condition = stage.condition(mutex);
    while (stage.tokens() == 0) {
      await(condition, waiting);
    }
    stage.setTokens(stage.tokens() - 1);
    workAndUnlock(mutex, 0);
  }

  void await(SharedCondition condition, Waiting waiting) throws InterruptedException {
    owns = false;
    waiting.await(condition);
    owns = true;
  }

  /** One of the forms of await. */
  interface Waiting {
    void await(SharedCondition condition) throws InterruptedException;
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
