// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexException;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.Kinds;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Another process writes into mutexes that this one holds: an exception at worst, never a write outside the mapping. In
 * a JVM of its own, where a crash is a status.
 *
 * <p>A thread takes mutexes, another mapping overwrites some fields with what hurts most, and the thread goes on to
 * unlock, to lock and to await. What it may get is documented; a canary whose address was among the values stays as it
 * is. {@code -Djfutex.hostile.rounds=N} and {@code -Djfutex.hostile.seed=N} make other runs.
 */
class HostilePageTest {
  private static final int ROUNDS = Integer.getInteger("jfutex.hostile.rounds", 60);
  private static final long SEED = Long.getLong("jfutex.hostile.seed", 1);

  @Test
  void noWriteOutsideTheMappingAndNoCrash() {
    List<String> flags =
        List.of("-Djfutex.hostile.rounds=" + ROUNDS, "-Djfutex.hostile.seed=" + SEED);
    ChildJvm.Ended child = ChildJvm.run(flags, HostilePageTest.class);
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("survived"), child.output());
  }

  /** Linked twice it would lead to itself, and the kernel nowhere. */
  @ParameterizedTest
  @MethodSource("robust")
  void freedByAnotherItIsNotTakenAgain(MutexKind kind) {
    try (TestMemory test = new TestMemory();
        MappedMemory other = test.mapAgain()) {
      SharedMutex[] mutexes = new SharedMutex[3];
      Arrays.setAll(mutexes, i -> SharedMutex.at(test.memory(), 64L * i, kind, mutex -> {}));
      Actor<Void> victim =
          Actor.start(
              () -> {
                for (SharedMutex each : mutexes) {
                  each.lock();
                }
                for (int i = 0; i < mutexes.length; i++) {
                  other.word(64L * i).setVolatile(0);
                  assertThrows(CorruptMutexException.class, mutexes[i]::lock);
                  assertTrue(mutexes[i].isHeldByCurrentThread(), "as before");
                }
                mutexes[1].unlock();
                return null;
              });
      victim.result();
      assertEquals(Acquisition.OWNER_DIED, acquire(mutexes[0]));
      assertEquals(Acquisition.ACQUIRED, acquire(mutexes[1]));
      assertEquals(Acquisition.OWNER_DIED, acquire(mutexes[2]));
    }
  }

  static Stream<MutexKind> robust() {
    return Kinds.robust();
  }

  private static Acquisition acquire(SharedMutex mutex) {
    return mutex.acquire(Deadline.after(60, TimeUnit.SECONDS));
  }

  public static void main(String[] arguments) {
    Hostility hostility = new Hostility();
    for (int round = 0; round < ROUNDS; round++) {
      hostility.play(new SplittableRandom(SEED * 1_000_003 + round), round);
    }
    System.out.println("survived " + hostility.ends);
    System.exit(0);
  }

  private static final class Hostility {
    private static final int COUNT = 8;
    private static final int SLOT = 128;
    private static final int CANARY_BYTES = 4096;
    private static final long PATTERN = 0x5ca1ab1e0ddba11L;
    private static final int STEPS = 40;

    private final ByteBuffer canary =
        ByteBuffer.allocateDirect(CANARY_BYTES).order(ByteOrder.nativeOrder());
    private final long canaryAddress = MappedMemory.wrap(canary).word(0).address();
    private final Map<String, Integer> ends = new TreeMap<>();

    private SplittableRandom random;
    private TestMemory test;
    private ByteBuffer other; // the mapping of the other process
    private SharedMutex[] mutexes;
    private SharedCondition[] conditions;
    private int tid;

    /** The canary first looks like entries of this very thread, which is the most that one can forge. */
    private void fillCanary() {
      for (int i = 0; i < CANARY_BYTES; i += Long.BYTES) {
        canary.putLong(i, random.nextInt(4) == 0 ? tid : PATTERN);
      }
    }

    void play(SplittableRandom seeded, int round) {
      random = seeded;
      try (TestMemory memory = new TestMemory();
          MappedMemory mapping = memory.mapAgain()) {
        test = memory;
        other = mapping.buffer();
        List<MutexKind> kinds = Kinds.all().toList();
        mutexes = new SharedMutex[COUNT];
        conditions = new SharedCondition[COUNT];
        for (int i = 0; i < COUNT; i++) {
          MutexKind kind = kinds.get(random.nextInt(kinds.size()));
          mutexes[i] = SharedMutex.at(memory.memory(), SLOT * i, kind, mutex -> {});
          conditions[i] = SharedCondition.at(memory.memory(), SLOT * i + 64, mutexes[i]);
        }
        Actor<Void> victim = Actor.start(this::suffer);
        victim.result();
        heal();
        victim.thread().join();
      } catch (AssertionError | InterruptedException e) {
        throw new AssertionError("seed " + SEED + ", round " + round, e);
      }
    }

    private Void suffer() {
      tid = FutexManager.system().currentTid();
      fillCanary();
      byte[] before = new byte[CANARY_BYTES];
      canary.get(0, before);
      for (int step = 0; step < STEPS; step++) {
        if (random.nextInt(3) == 0) {
          overwrite();
        }
        count(operation(random.nextInt(COUNT)));
        byte[] after = new byte[CANARY_BYTES];
        canary.get(0, after);
        if (!Arrays.equals(before, after)) {
          throw new AssertionError("the canary was written to, in step " + step);
        }
      }
      return null;
    }

    /** What the kernel would find at this thread's end is the kernel's business, and not what is tested here. */
    private void heal() {
      for (int i = 0; i < COUNT; i++) {
        other.putInt(SLOT * i + MutexLayout.LOCK, 0);
      }
    }

    private Callable<?> operation(int i) {
      SharedMutex mutex = mutexes[i];
      SharedCondition condition = conditions[i];
      long deadline = Deadline.after(200, TimeUnit.MICROSECONDS);
      return switch (random.nextInt(12)) {
        case 0, 1, 2 -> () -> mutex.acquire(deadline);
        case 3 -> () -> mutex.tryLock();
        case 4 -> () -> mutex.tryLock(100, TimeUnit.MICROSECONDS);
        case 5 -> () -> condition.awaitNanos(100_000);
        case 6 -> call(condition::signalAll);
        case 7 -> call(mutex::makeConsistent);
        case 8 -> () -> mutex.toString() + mutex.owner() + mutex.getHoldCount();
        case 9 -> () -> SharedMutex.adopt(test.memory(), mutex.state.offset());
        default -> call(mutex::unlock);
      };
    }

    private static Callable<Void> call(Runnable action) {
      return () -> {
        action.run();
        return null;
      };
    }

    private void count(Callable<?> call) {
      String end = "returned";
      try {
        call.call();
      } catch (MutexException
          | FutexException
          | IllegalMonitorStateException
          | IllegalArgumentException e) {
        end = e.getClass().getSimpleName();
      } catch (IllegalStateException e) {
        end = "IllegalStateException";
      } catch (UnsupportedOperationException e) {
        end = "UnsupportedOperationException";
      } catch (Exception e) {
        throw new AssertionError("not documented", e);
      }
      ends.merge(end, 1, Integer::sum);
    }

    private void overwrite() {
      int i = SLOT * random.nextInt(COUNT);
      for (int fields = 1 + random.nextInt(3); fields > 0; fields--) {
        switch (random.nextInt(9)) {
          case 0 -> other.putInt(i + MutexLayout.LOCK, word());
          case 1 -> other.putInt(i + MutexLayout.COUNT, anInt());
          case 2 -> other.putInt(i + MutexLayout.OWNER, owner());
          case 3 -> other.putInt(i + MutexLayout.NUSERS, anInt());
          case 4 -> other.putInt(i + MutexLayout.KIND, anInt());
          case 5 -> other.putLong(i + MutexLayout.PREV, pointer());
          case 6 -> other.putLong(i + MutexLayout.NEXT, pointer());
          case 7 -> other.putInt(i + 64 + 4 * random.nextInt(3), anInt()); // of the condition
          default -> {
            other.putLong(i + MutexLayout.PREV, pointer());
            other.putLong(i + MutexLayout.NEXT, pointer());
          }
        }
      }
    }

    private int anInt() {
      int[] values = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, random.nextInt()};
      return values[random.nextInt(values.length)];
    }

    private int owner() {
      int[] values = {
        tid, 0, 1, MutexLayout.OWNER_INCONSISTENT, MutexLayout.OWNER_NOT_RECOVERABLE, anInt()
      };
      return values[random.nextInt(values.length)];
    }

    /** Free, its owner's, another's, a dead one's; with every mark. */
    private int word() {
      int[] owners = {0, tid, 1, (int) ProcessHandle.current().pid(), 0x3ffffff0, anInt()};
      int[] marks = {
        0, LinuxAbi.FUTEX_WAITERS, LinuxAbi.FUTEX_OWNER_DIED, (int) 0xc0000000L,
      };
      return owners[random.nextInt(owners.length)] | marks[random.nextInt(marks.length)];
    }

    private long pointer() {
      List<Long> values = new ArrayList<>(List.of(0L, 1L, -1L, -4096L, 0xffffffff80000000L, 4096L));
      values.add(canaryAddress + 8L * random.nextInt(CANARY_BYTES / 8));
      values.add(canaryAddress + random.nextInt(CANARY_BYTES));
      for (SharedMutex mutex : mutexes) {
        values.add(mutex.state.address() + MutexLayout.NEXT);
      }
      values.add(random.nextLong());
      return values.get(random.nextInt(values.size())) | random.nextInt(2);
    }
  }
}
