// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The raw verbs, from the packaged jar: a folder of classes would hide its multi-release part. */
class FutexSyscallsIT {
  private static final boolean HAS_FFM = Runtime.version().feature() >= 22;
  private static final int SHARED = 0;
  private static final int PRIVATE = LinuxAbi.FUTEX_PRIVATE_FLAG;

  static List<String> implementations() {
    return HAS_FFM ? List.of("jna", "ffm") : List.of("jna");
  }

  @Test
  void theDefaultIsFfmWhereThereIsOne() {
    assertTrue(
        SyscallsLoader.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath()
            .endsWith(".jar"),
        "this test must run from the jar");
    assertEquals(HAS_FFM ? "ffm" : "jna", FutexSyscalls.system().name());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void answersAreResultsOrMinusErrno(String name) {
    FutexSyscalls syscalls = FutexSyscalls.named(name);
    ByteBuffer memory = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    long word = syscalls.addressOf(memory);
    long other = word + 32;
    ThreadContext context = syscalls.context();
    for (int flags : new int[] {SHARED, PRIVATE}) {
      assertEquals(0, syscalls.wake(word, flags, 1));
      assertEquals(0, syscalls.wakeBitset(word, flags, 1, 2));
      assertEquals(-Errno.EINVAL, syscalls.wakeBitset(word, flags, 1, 0));
      assertEquals(-Errno.EAGAIN, syscalls.wait(word, flags, 1, 0));
      assertEquals(-Errno.ETIMEDOUT, syscalls.wait(word, flags, 0, context.timespec(0, 1)));
      assertEquals(
          -Errno.ETIMEDOUT, syscalls.waitBitset(word, flags, 0, context.timespec(0, 1), 4));
      assertEquals(
          -Errno.ETIMEDOUT,
          syscalls.waitBitset(
              word, flags | LinuxAbi.FUTEX_CLOCK_REALTIME, 0, context.timespec(0, 1), 4));
      assertEquals(-Errno.EINVAL, syscalls.wait(word + 1, flags, 0, 0));
      assertEquals(0, syscalls.requeue(word, flags, 1, 1, other));
      assertEquals(-Errno.EINVAL, syscalls.requeue(word, flags, -1, 1, other));
      assertEquals(-Errno.EAGAIN, syscalls.compareRequeue(word, flags, 1, 1, other, 7));
      int addOneIfZero = LinuxAbi.FUTEX_OP_ADD << 28 | LinuxAbi.FUTEX_OP_CMP_EQ << 24 | 1 << 12;
      assertEquals(0, syscalls.wakeOp(word, flags, 1, 1, other, addOneIfZero));
      assertEquals(1, memory.getInt(32));
      memory.putInt(32, 0);
      assertEquals(0, syscalls.tryLockPi(word, flags));
      assertEquals(context.tid(), memory.getInt(0));
      assertEquals(-Errno.EDEADLK, syscalls.lockPi(word, flags, 0));
      assertEquals(-Errno.EDEADLK, syscalls.lockPi2(word, flags, 0));
      assertEquals(0, syscalls.unlockPi(word, flags));
      assertEquals(-Errno.EPERM, syscalls.unlockPi(word, flags));
      assertEquals(0, syscalls.lockPi2(word, flags, 0));
      assertEquals(0, syscalls.unlockPi(word, flags));
      assertEquals(-Errno.EAGAIN, syscalls.waitRequeuePi(word, flags, 1, 0, other));
      assertEquals(0, syscalls.compareRequeuePi(word, flags, 1, 0, other, 0));
      context.waitvEntry(0, word, 0, flags);
      context.waitvEntry(1, other, 3, flags);
      long vector = context.waitvVector();
      assertEquals(-Errno.EAGAIN, syscalls.waitv(vector, 2, 0, LinuxAbi.CLOCK_MONOTONIC));
      assertEquals(
          -Errno.ETIMEDOUT,
          syscalls.waitv(vector, 1, context.timespec(0, 1), LinuxAbi.CLOCK_REALTIME));
    }
    assertEquals(-Errno.EFAULT, syscalls.wait(4096, SHARED, 0, 0));
    assertEquals(-Errno.ENOSYS, syscalls.futex(word, 99, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void memoryAtAnAddressIsThatMemory(String name) {
    FutexSyscalls syscalls = FutexSyscalls.named(name);
    ByteBuffer memory = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    ByteBuffer same = syscalls.memoryAt(syscalls.addressOf(memory) + 8, 16);
    assertEquals(16, same.capacity());
    assertEquals(ByteOrder.nativeOrder(), same.order());
    assertEquals(syscalls.addressOf(memory) + 8, syscalls.addressOf(same));
    same.putInt(4, 42);
    assertEquals(42, memory.getInt(12));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void everyThreadHasItsOwnContext(String name) throws InterruptedException {
    FutexSyscalls syscalls = FutexSyscalls.named(name);
    ThreadContext mine = syscalls.context();
    assertTrue(Files.isDirectory(Path.of("/proc/self/task/" + mine.tid())));
    assertNotEquals(0, mine.robustListHead());
    ThreadContext[] other = new ThreadContext[1];
    int[] otherTid = new int[1];
    long[] otherHead = new long[1];
    Thread thread =
        new Thread(
            () -> {
              other[0] = syscalls.context();
              otherTid[0] = other[0].tid();
              otherHead[0] = other[0].robustListHead();
            });
    thread.start();
    thread.join();
    assertNotSame(mine, other[0]);
    assertNotEquals(mine.tid(), otherTid[0]);
    assertNotEquals(mine.robustListHead(), otherHead[0]);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void interruptFiresTheWordAndKeepsTheStatus(String name) {
    FutexSyscalls syscalls = FutexSyscalls.named(name);
    ThreadContext context = syscalls.context();
    InterruptWord word = context.interruptWord();
    Thread.currentThread().interrupt();
    word.arm();
    context.waitvEntry(0, word.address(), InterruptWord.IDLE, LinuxAbi.FUTEX2_PRIVATE);
    int answer = syscalls.waitv(context.waitvVector(), 1, 0, LinuxAbi.CLOCK_MONOTONIC);
    word.disarm();
    assertTrue(Thread.interrupted());
    assertEquals(-Errno.EAGAIN, answer);
    assertTrue(word.hasFired());
    word.arm();
    word.disarm();
    assertTrue(!word.hasFired());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void featuresAreProbedAndReadable(String name) {
    KernelFeatures features = FutexSyscalls.named(name).features();
    assertEquals(name.equals("ffm"), features.ffm());
    assertTrue(features.futex());
    assertTrue(features.toString().contains("futex yes"), features.toString());
    features.asMap().keySet().forEach(KernelFeatures::without);
    assertEquals(KernelFeatures.class.getRecordComponents().length, features.asMap().size());
    System.setProperty(KernelFeatures.WAITV_PROPERTY, "false");
    try {
      KernelFeatures without = FutexSyscalls.named(name).features();
      assertTrue(without.toString().contains("futexWaitv no (interruptible"), without.toString());
    } finally {
      System.clearProperty(KernelFeatures.WAITV_PROPERTY);
    }
  }

  @Test
  void failureSaysWhereWhyAndWhatToDo() {
    for (int use = 1; use <= 2; use++) {
      String none = failure("none");
      assertTrue(none.contains("Linux") && none.contains("amd64 or aarch64"), none);
      assertTrue(none.contains("switched off by -Djfutex.syscalls=none. Remedy: remove it"), none);
      String unknown = failure("libc");
      assertTrue(unknown.contains("libc") && unknown.contains("use ffm, jna or none"), unknown);
      if (!HAS_FFM) {
        assertTrue(failure("ffm").contains("run on JDK 22 or newer"), failure("ffm"));
      }
    }
    String arch =
        assertThrows(
                UnsupportedOperationException.class, () -> LinuxAbi.SyscallNumbers.of("riscv64"))
            .getMessage();
    assertTrue(arch.contains("riscv64") && arch.contains("aarch64"), arch);
  }

  private static String failure(String name) {
    return assertThrows(SyscallsUnavailableException.class, () -> FutexSyscalls.named(name))
        .getMessage();
  }
}
