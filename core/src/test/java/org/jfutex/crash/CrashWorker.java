// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jfutex.linux.CrashSyscalls;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;

/**
 * A process that works under two robust mutexes until it is killed. Under each lie two cells, equal while nobody is
 * inside; who finds them different without having been told of a death ends with status 1.
 */
final class CrashWorker {
  /** A robust mutex, and a robust PI one; each with a condition and its data. */
  static final MutexKind[] KINDS = {
    MutexKind.DEFAULT, MutexKind.ERROR_CHECK.robust(true).priorityInheritance(true)
  };

  /** How often it worked, for each of eight workers. */
  static final int PROGRESS = 1024;

  private static final int SPACING = 256;
  private static final int CONDITION = 64;
  private static final int LEFT = 128;
  private static final int RIGHT = 136;
  private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final ByteBuffer bytes;
  private final SharedMutex[] mutexes = new SharedMutex[KINDS.length];
  private final SharedCondition[] conditions = new SharedCondition[KINDS.length];
  private final SplittableRandom random = new SplittableRandom(ProcessHandle.current().pid());

  private CrashWorker(MappedMemory memory) {
    bytes = memory.buffer();
    for (int i = 0; i < KINDS.length; i++) {
      int at = i * SPACING;
      mutexes[i] = SharedMutex.at(memory, at, KINDS[i], mutex -> repair(at));
      conditions[i] = SharedCondition.at(memory, at + CONDITION, mutexes[i]);
    }
  }

  /**
   * @param args path, number of the worker
   */
  public static void main(String[] args) throws IOException {
    try {
      CrashWorker worker = new CrashWorker(MappedMemory.open(Path.of(args[0])));
      int progress = PROGRESS + Long.BYTES * Integer.parseInt(args[1]);
      long end = System.nanoTime() + LIFE_NANOS; // whoever started it is not there any more
      for (long turn = 1; System.nanoTime() < end; turn++) {
        worker.work();
        worker.bytes.putLong(progress, turn);
      }
    } catch (Exception | Error e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    CrashSyscalls.killProcess();
  }

  private void work() throws InterruptedException {
    int which = random.nextInt(KINDS.length);
    SharedMutex mutex = mutexes[which];
    switch (random.nextInt(4)) {
      case 0 -> mutex.lock();
      case 1 -> mutex.lockInterruptibly();
      case 2 -> {
        if (!mutex.tryLock(1, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      default -> {
        if (mutex.acquire() == Acquisition.OWNER_DIED) {
          repair(which * SPACING);
          mutex.makeConsistent();
        }
      }
    }
    enterAndLeave(which * SPACING);
    switch (random.nextInt(8)) {
      case 0 -> conditions[which].signal();
      case 1 -> conditions[which].signalAll();
      case 2 -> {
        conditions[which].await(1, TimeUnit.MILLISECONDS);
        enterAndLeave(which * SPACING);
      }
      default -> {}
    }
    mutex.unlock();
  }

  private void enterAndLeave(int at) {
    long left = bytes.getLong(LEFT + at);
    long right = bytes.getLong(RIGHT + at);
    if (left != right) {
      throw new AssertionError("found left " + left + " and right " + right + ", told nothing");
    }
    bytes.putLong(LEFT + at, left + 1);
    for (int i = random.nextInt(50); i > 0; i--) {
      Thread.onSpinWait();
    }
    bytes.putLong(RIGHT + at, right + 1);
  }

  private void repair(int at) {
    bytes.putLong(RIGHT + at, bytes.getLong(LEFT + at));
  }
}
