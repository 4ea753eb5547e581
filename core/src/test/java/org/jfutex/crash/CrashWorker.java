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
import org.jfutex.sync.RobustSemaphore;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedReadWriteLock;

/**
 * A process that works under two robust mutexes, a read-write lock and a robust semaphore until it is killed. Under the
 * locks lie two cells each, equal while nobody is inside; who finds them different without having been told of a death
 * ends with status 1.
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
  private static final int READ_WRITE_LOCK = 512;
  private static final int SLOTS = 1; // so that readers wait for one
  private static final int READ_WRITE = 512; // its data lie where those of a mutex would
  private static final int SEMAPHORE = 768;
  private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final ByteBuffer bytes;
  private final SharedMutex[] mutexes = new SharedMutex[KINDS.length];
  private final SharedCondition[] conditions = new SharedCondition[KINDS.length];
  private final SharedReadWriteLock lock;
  private final RobustSemaphore semaphore;
  private final SplittableRandom random = new SplittableRandom(ProcessHandle.current().pid());

  private CrashWorker(MappedMemory memory) {
    bytes = memory.buffer();
    for (int i = 0; i < KINDS.length; i++) {
      int at = i * SPACING;
      mutexes[i] = SharedMutex.at(memory, at, KINDS[i], mutex -> repair(at));
      conditions[i] = SharedCondition.at(memory, at + CONDITION, mutexes[i]);
    }
    lock = SharedReadWriteLock.at(memory, READ_WRITE_LOCK, SLOTS, mutex -> repair(READ_WRITE));
    semaphore = RobustSemaphore.at(memory, SEMAPHORE, 1);
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
    switch (random.nextInt(4)) {
      case 0 -> readOrWrite();
      case 1 -> {
        semaphore.acquire();
        semaphore.release();
      }
      default -> workUnderMutex(random.nextInt(KINDS.length));
    }
  }

  private void readOrWrite() throws InterruptedException {
    switch (random.nextInt(4)) {
      case 0 -> {
        lock.writeLock().lock();
        enterAndLeave(READ_WRITE);
        lock.readLock().lock(); // a writer may, and reads on
        lock.writeLock().unlock();
      }
      case 1 -> {
        if (lock.writeLock().tryLock(1, TimeUnit.MILLISECONDS)) {
          enterAndLeave(READ_WRITE);
          lock.writeLock().unlock();
        }
        return;
      }
      default -> lock.readLock().lock();
    }
    checkWhole(READ_WRITE);
    lock.readLock().unlock();
  }

  private void workUnderMutex(int which) throws InterruptedException {
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

  private void checkWhole(int at) {
    long left = bytes.getLong(LEFT + at);
    long right = bytes.getLong(RIGHT + at);
    if (left != right) {
      throw new AssertionError("found left " + left + " and right " + right + ", told nothing");
    }
  }

  private void enterAndLeave(int at) {
    checkWhole(at);
    long left = bytes.getLong(LEFT + at);
    long right = bytes.getLong(RIGHT + at);
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
