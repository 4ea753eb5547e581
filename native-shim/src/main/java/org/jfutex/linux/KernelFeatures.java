// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the kernel, and the sandbox around this process, allow. Probed by calls that cannot block and change nothing.
 * A sandbox may answer EPERM for what it forbids; that counts as ENOSYS.
 *
 * @param ffm the calls go through {@code java.lang.foreign}; otherwise through JNA
 * @param futex futex(2) itself; without it shared words are polled
 * @param futexWaitv futex_waitv(2), Linux 5.16; without it interruptible shared waits go in slices
 * @param lockPi FUTEX_LOCK_PI; without it there is no priority inheritance
 * @param lockPi2 FUTEX_LOCK_PI2, Linux 5.14; without it deadlines of LOCK_PI follow the wall clock
 * @param requeuePi FUTEX_CMP_REQUEUE_PI
 * @param robustList the C library registered a robust list of glibc's form for this thread; without it no robust locks
 * @param membarrier membarrier(2) across processes, Linux 4.16; without it a doorbell's producers fence
 */
public record KernelFeatures(
    boolean ffm,
    boolean futex,
    boolean futexWaitv,
    boolean lockPi,
    boolean lockPi2,
    boolean requeuePi,
    boolean robustList,
    boolean membarrier) {

  /** System property: {@code false} makes a JVM believe that there is no futex_waitv(2). */
  public static final String WAITV_PROPERTY = "jfutex.waitv";

  /** System property: {@code false} makes a JVM believe that there is no membarrier(2). */
  public static final String MEMBARRIER_PROPERTY = "jfutex.membarrier";

  static KernelFeatures probe(FutexSyscalls syscalls) {
    ThreadContext context = syscalls.context();
    int shared = 0;
    // The first and the second half of a zeroed timespec serve as two words that nobody else knows.
    long word = context.timespec(0, 0);
    long other = word + Integer.BYTES;
    boolean futex = syscalls.wake(word, shared, 1) >= 0;

    context.waitvEntry(0, word, 1, shared);
    boolean waitv =
        !"false".equals(System.getProperty(WAITV_PROPERTY))
            && exists(syscalls.waitv(context.waitvVector(), 1, 0, LinuxAbi.CLOCK_MONOTONIC));

    boolean lockPi = syscalls.tryLockPi(word, shared) == 0;
    // Held by this very thread, hence EDEADLK where the operation is known.
    boolean lockPi2 = lockPi && syscalls.lockPi2(word, shared, 0) == -Errno.EDEADLK;
    if (lockPi) {
      syscalls.unlockPi(word, shared);
    }
    word = context.timespec(0, 0);
    boolean requeuePi = syscalls.compareRequeuePi(word, shared, 1, 0, other, 0) == 0;

    return new KernelFeatures(
        SyscallsLoader.FFM.equals(syscalls.name()),
        futex,
        waitv,
        lockPi,
        lockPi2,
        requeuePi,
        RobustListHead.isUsable(syscalls),
        !"false".equals(System.getProperty(MEMBARRIER_PROPERTY))
            && offersMembarrier(syscalls.membarrier(LinuxAbi.MEMBARRIER_CMD_QUERY)));
  }

  private static boolean offersMembarrier(int answer) {
    int needed =
        LinuxAbi.MEMBARRIER_CMD_GLOBAL_EXPEDITED
            | LinuxAbi.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
    return answer >= 0 && (answer & needed) == needed;
  }

  private static boolean exists(int answer) {
    return answer != -Errno.ENOSYS && answer != -Errno.EPERM;
  }

  /** The features by name, in the order of the components. */
  public Map<String, Boolean> asMap() {
    Map<String, Boolean> map = new LinkedHashMap<>();
    map.put("ffm", ffm);
    map.put("futex", futex);
    map.put("futexWaitv", futexWaitv);
    map.put("lockPi", lockPi);
    map.put("lockPi2", lockPi2);
    map.put("requeuePi", requeuePi);
    map.put("robustList", robustList);
    map.put("membarrier", membarrier);
    return map;
  }

  /** For people: {@code "futex yes, futexWaitv no (interruptible waits go in slices), ..."}. */
  @Override
  public String toString() {
    return asMap().entrySet().stream()
        .map(e -> e.getKey() + (e.getValue() ? " yes" : " no (" + without(e.getKey()) + ")"))
        .collect(Collectors.joining(", "));
  }

  /** What is different where a feature is missing. */
  public static String without(String feature) {
    return switch (feature) {
      case "ffm" -> "system calls go through JNA";
      case "futex" -> "shared words are polled";
      case "futexWaitv" -> "interruptible shared waits go in slices, waitAny polls";
      case "lockPi" -> "no priority inheritance";
      case "lockPi2" -> "deadlines of PI locks follow the wall clock";
      case "requeuePi" -> "no requeue to a PI word";
      case "robustList" -> "no robust locks";
      case "membarrier" -> "who rings a doorbell fences first";
      default -> throw new IllegalArgumentException("no such feature: " + feature);
    };
  }
}
