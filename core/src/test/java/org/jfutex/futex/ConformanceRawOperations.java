// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;

/** The table's calls that no engine can make: addresses without a word, malformed times, flags, unknown operations. */
final class ConformanceRawOperations {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final FutexSyscalls syscalls;
  private final ConformanceWorld world;
  private final ToIntFunction<String> tids;
  private final int flags;

  ConformanceRawOperations(
      FutexSyscalls syscalls, ConformanceWorld world, ToIntFunction<String> tids) {
    this.syscalls = syscalls;
    this.world = world;
    this.tids = tids;
    this.flags = world.isPrivate() ? LinuxAbi.FUTEX_PRIVATE_FLAG : 0;
  }

  int run(ConformanceScript.Call c) {
    int realtime = flags | LinuxAbi.FUTEX_CLOCK_REALTIME;
    return switch (c.operation()) {
      case "wait" -> syscalls.wait(address(c, 0), flags, value(c, 1), timeout(c, 2));
      case "wait_clkrt" -> syscalls.wait(address(c, 0), realtime, value(c, 1), timeout(c, 2));
      case "wait_rawts" -> syscalls.wait(address(c, 0), flags, value(c, 1), malformed(c));
      case "waitbs_rawts" ->
          syscalls.waitBitset(
              address(c, 0), flags, value(c, 1), malformed(c), LinuxAbi.FUTEX_BITSET_MATCH_ANY);
      case "wake" -> syscalls.wake(address(c, 0), flags, value(c, 1));
      case "requeue" ->
          syscalls.requeue(address(c, 0), flags, value(c, 2), value(c, 3), address(c, 1));
      case "cmp_requeue" ->
          syscalls.compareRequeue(
              address(c, 0), flags, value(c, 2), value(c, 3), address(c, 1), value(c, 4));
      case "wake_op" ->
          syscalls.wakeOp(
              address(c, 0),
              flags,
              value(c, 2),
              value(c, 3),
              address(c, 1),
              ConformanceOperations.encoded(c, tids));
      case "lock_pi_clkrt" -> syscalls.lockPi(address(c, 0), realtime, 0);
      case "rawop" ->
          syscalls.futex(address(c, 0), value(c, 1) | flags, c.has(2) ? value(c, 2) : 0, 0, 0, 0);
      case "waitv" -> waitv(c);
      default -> throw new IllegalArgumentException("no raw operation: " + c);
    };
  }

  private int waitv(ConformanceScript.Call call) {
    List<String> entries =
        call.arguments().stream().filter(a -> a.indexOf(':') > 0).collect(Collectors.toList());
    int bytes = LinuxAbi.WAITV_BYTES;
    ByteBuffer vector = ConformanceOperations.nativeBuffer(Math.max(1, entries.size()) * bytes);
    int entryFlags = flags | option(call, "flags", LinuxAbi.FUTEX2_SIZE_U32);
    for (int i = 0; i < entries.size(); i++) {
      String[] entry = entries.get(i).split(":");
      int expected = ConformanceExpression.value(entry[1], tids);
      vector.putLong(i * bytes + LinuxAbi.WAITV_VAL, Integer.toUnsignedLong(expected));
      vector.putLong(i * bytes + LinuxAbi.WAITV_UADDR, world.address(entry[0], syscalls));
      vector.putInt(i * bytes + LinuxAbi.WAITV_FLAGS, entryFlags);
    }
    int clock = option(call, "clk", LinuxAbi.CLOCK_MONOTONIC);
    Instant now = Instant.now();
    long deadline =
        option(call, "timeout", 0) * NANOS_PER_SECOND
            + (clock == LinuxAbi.CLOCK_REALTIME
                ? now.getEpochSecond() * NANOS_PER_SECOND + now.getNano()
                : System.nanoTime());
    int answer =
        syscalls.waitv(
            call.arguments().contains("NULLVEC") ? 0 : syscalls.addressOf(vector),
            option(call, "nr", entries.size()),
            timespec(deadline),
            clock);
    Reference.reachabilityFence(vector);
    return answer;
  }

  /** The value of {@code name=value}. */
  private int option(ConformanceScript.Call call, String name, int otherwise) {
    return call.arguments().stream()
        .filter(a -> a.startsWith(name + "="))
        .map(a -> ConformanceExpression.value(a.substring(name.length() + 1), tids))
        .findFirst()
        .orElse(otherwise);
  }

  private long address(ConformanceScript.Call call, int index) {
    return world.address(call.argument(index), syscalls);
  }

  private int value(ConformanceScript.Call call, int index) {
    return ConformanceExpression.value(call.argument(index), tids);
  }

  private long timeout(ConformanceScript.Call call, int index) {
    return call.has(index) ? timespec(ConformanceExpression.nanos(call.argument(index))) : 0;
  }

  private long malformed(ConformanceScript.Call call) {
    return syscalls.context().timespec(value(call, 2), value(call, 3));
  }

  private long timespec(long nanos) {
    return syscalls.context().timespec(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
  }
}
